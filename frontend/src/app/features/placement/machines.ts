import type { SystemWire } from '../../api/models';
import { groupedBy } from '../../core/grouped-by';
import type { Words } from './words';

type Instance = SystemWire['instances'][number];

export interface ProcessView {
  readonly id: string;
  readonly role: string;
  readonly pid: number;
  readonly alive: boolean;
  readonly up: string;
  readonly beat: string;
}

export interface MachineView {
  readonly host: string;
  readonly summary: string;
  readonly processes: readonly ProcessView[];
  /** Lost ones that are not listed. */
  readonly more: number;
}

/** A heartbeat that is younger came just now. */
const JUST_NOW_MS = 2_000;
/** Lost processes stay known for a day; a machine that restarts often has many of them. */
const LISTED_LOST = 3;

/** Machines with what runs on them: those with something alive first, by name. */
export function machinesOf(instances: readonly Instance[], nowMs: number, words: Words): MachineView[] {
  return [...groupedBy(instances, ({ host }) => host)]
    .map(([host, own]) => machineView(host, own, nowMs, words))
    .sort((a, b) => Number(isAlive(b)) - Number(isAlive(a)) || a.host.localeCompare(b.host));
}

const isAlive = ({ processes }: MachineView): boolean => processes.some(({ alive }) => alive);

function machineView(host: string, own: readonly Instance[], nowMs: number, { t, as }: Words): MachineView {
  const living = own.filter(({ alive }) => alive).sort((a, b) => a.role.localeCompare(b.role));
  const lost = own.filter(({ alive }) => !alive).sort((a, b) => b.heartbeatAt.localeCompare(a.heartbeatAt));
  return {
    host,
    summary: lost.length === 0 ? t.count('machines.up', living.length) : t.count('machines.upLost', living.length, { lost: lost.length }),
    processes: [...living, ...lost.slice(0, LISTED_LOST)].map(({ id, role, pid, alive, startedAt, heartbeatAt }) => ({
      id,
      role,
      pid,
      alive,
      up: as.duration(nowMs - Date.parse(startedAt)),
      beat: heard(Date.parse(heartbeatAt)),
    })),
    more: Math.max(0, lost.length - LISTED_LOST),
  };

  function heard(atMs: number): string {
    return nowMs - atMs < JUST_NOW_MS ? t('machines.now') : as.ago(atMs, nowMs);
  }
}
