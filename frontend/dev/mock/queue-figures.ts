import type { QueueWire } from '../../src/app/api/models';

const QUEUES = ['default', 'visual_analysis', 'logo_detection'];

/** Queues of an installation that keeps up; the last has nothing to do and one job that failed. */
export const queueFigures = (): QueueWire[] =>
  QUEUES.map((name, i) => {
    const isUsed = i < QUEUES.length - 1;
    return {
      name,
      backend: 'postgres',
      waiting: 0,
      active: isUsed && Math.random() < 0.4 ? 1 : 0,
      delayed: 0,
      failed: isUsed ? 0 : 1,
      runsQueued: isUsed && Math.random() < 0.3 ? 1 : 0,
      runsRunning: 0,
      lagMs: isUsed ? Math.round(Math.random() * 900) : 0,
      lastMinute: { done: isUsed ? 29 + Math.round(Math.random()) : 0, partial: 0, skipped: i === 1 ? 1 : 0, failed: 0 },
      skipReasons: i === 1 ? [{ reason: 'overload', count: 1 }] : [],
    };
  });
