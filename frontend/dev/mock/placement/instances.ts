import type { SystemWire } from '../../../src/app/api/models';
import { iso } from '../stage.ts';
import type { SceneName } from './scenes.ts';

type Instance = SystemWire['instances'][number];
const DAY_MS = 86_400_000;

/** Processes on one machine, or on three of which one has lost a worker. */
export function instancesOf(scene: SceneName, nowMs: number, bootMs: number): Instance[] {
  const one = (id: string, role: string, host: string, pid: number, over: Partial<Instance> = {}): Instance => ({
    id,
    role,
    host,
    pid,
    startedAt: iso(bootMs - DAY_MS),
    version: '0.1.0',
    heartbeatAt: iso(nowMs - 900),
    alive: true,
    ...over,
  });
  const near = ['api', 'ingest', 'worker'].map((role, i) => one(role, role, 'studio', 4_000 + i));
  if (scene === 'single') return near;
  return [
    ...near,
    one('worker-2', 'worker', 'annex', 811),
    one('ingest-2', 'ingest', 'annex', 790),
    one('worker-3', 'worker', 'annex', 702, { alive: false, heartbeatAt: iso(nowMs - 720_000) }),
  ];
}
