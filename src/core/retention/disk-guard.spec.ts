import { describe, expect, it } from 'vitest';
import { SilentLogger } from '../../../test/support/fakes/silent-logger.js';
import { retentionConfig } from '../config/retention-config.js';
import { DiskGuard } from './disk-guard.js';
import { levelOf, roomLimits, shortOf } from './disk-room.js';

const config = retentionConfig.parse({});
const GB = 1e9;

describe('the room on a disk', () => {
  it('is reckoned from its size, or given', () => {
    expect(roomLimits(config, 20 * GB)).toEqual({ floorBytes: GB, reserveBytes: 0.2 * GB });
    const given = retentionConfig.parse({ disk: { floor: '2GB', reserve: '10GB' } });
    // More than the floor would stop what the floor is to prevent.
    expect(roomLimits(given, null)).toEqual({ floorBytes: 2 * GB, reserveBytes: 2 * GB });
    expect(roomLimits(config, null)).toEqual({ floorBytes: 0, reserveBytes: 0 });
    // Of a large disk a share would be more than anybody needs.
    expect(roomLimits(config, 4_000 * GB)).toEqual({ floorBytes: 10 * GB, reserveBytes: GB });
    expect(roomLimits(retentionConfig.parse({ disk: { floor: '50GB' } }), 4_000 * GB)).toEqual({ floorBytes: 50 * GB, reserveBytes: GB });
  });

  it('is made with some to spare', () => {
    const limits = roomLimits(config, 20 * GB);
    expect(shortOf({ freeBytes: GB, totalBytes: null }, limits)).toBe(0);
    expect(shortOf({ freeBytes: GB - 1, totalBytes: null }, limits)).toBe(0.1 * GB + 1);
    expect(shortOf({ freeBytes: null, totalBytes: null }, limits)).toBe(0);
  });

  it('has to be twice as much before recording goes on', () => {
    const limits = roomLimits(config, 20 * GB);
    const level = (freeBytes: number, was: 'ok' | 'full') => levelOf({ freeBytes, totalBytes: null }, limits, was);
    expect([level(2 * GB, 'ok'), level(0.5 * GB, 'ok'), level(0.19 * GB, 'ok')]).toEqual(['ok', 'low', 'full']);
    expect([level(0.39 * GB, 'full'), level(0.41 * GB, 'full')]).toEqual(['full', 'low']);
  });
});

describe(DiskGuard.name, () => {
  it('refuses once there is too little room, tells those who record, and lets go on by itself', async () => {
    let freeBytes = 2 * GB;
    const heard: string[] = [];
    const logger = new SilentLogger();
    const guard = new DiskGuard('/media', config, {
      logger,
      refused: (streamId) => Promise.resolve(void heard.push(`refused ${streamId}`)),
      space: () => Promise.resolve({ freeBytes, totalBytes: 20 * GB }),
    });
    guard.onStop(() => heard.push('stop'));
    guard.onLow(() => heard.push('low'));
    await guard.look();
    expect([guard.refusal(), heard]).toEqual([null, []]);
    freeBytes = 0.5 * GB;
    await guard.look();
    expect([guard.refusal(), heard.splice(0)]).toEqual([null, ['low']]);
    freeBytes = 0.1 * GB;
    await guard.look();
    expect(guard.refusal()).toMatch(/disk of \/media has 95 MiB left, of which 190 MiB are kept free/);
    expect(heard.splice(0)).toEqual(['low', 'stop']);
    guard.refused('a');
    guard.refused('a');
    guard.refused('b');
    expect(heard.splice(0)).toEqual(['refused a', 'refused b']);
    await guard.look();
    expect(heard.splice(0)).toEqual(['low']);
    freeBytes = 3 * GB;
    await guard.look();
    expect([guard.refusal(), heard.splice(0)]).toEqual([null, ['low']]);
    await guard.look();
    expect(heard).toEqual([]);
    expect(logger.lines.map(({ level, message }) => `${level}: ${message}`)).toEqual([
      'warn: The media disk is getting full: the oldest media goes',
      'error: There is no room to record: recording stops until there is',
      'info: There is room again: recording goes on',
    ]);
  });

  it('hinders nobody where the disk says nothing', async () => {
    const guard = new DiskGuard('/media', config, {
      ...{ logger: new SilentLogger(), refused: () => Promise.resolve() },
      space: () => Promise.resolve({ freeBytes: null, totalBytes: null }),
    });
    await guard.look();
    expect(guard.refusal()).toBeNull();
  });
});
