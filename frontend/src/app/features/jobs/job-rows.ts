import type { BackfillWire, ClipWire, ImportWire } from '../../api/models';
import type { Tone } from './tone';

/** What can be done to a job. */
export type JobAction = 'pause' | 'resume' | 'cancel' | 'apply' | 'discard' | 'download' | 'remove';
export type JobKind = 'backfill' | 'clip' | 'import';
export type JobPhase = 'uploading' | 'queued' | 'running' | 'paused' | 'done' | 'failed' | 'cancelled' | 'found' | 'comparing' | 'applying';

/** A backfill, a clip or an import, as a row shows it. */
export interface JobRow {
  readonly kind: JobKind;
  readonly id: string;
  /** Of an import. */
  readonly streamId: string;
  readonly title: string;
  readonly phase: JobPhase;
  readonly tone: Tone;
  /** 0..1 while there is something to wait for; null: it has ended, or nobody can say. */
  readonly progress: number | null;
  readonly createdAtMs: number;
  readonly by: string;
  readonly errorCode: string | null;
  readonly detail: string | null;
  /** Segments of a backfill that failed, and all of them. */
  readonly segments: { readonly failed: number; readonly total: number } | null;
  readonly sizeBytes: number | null;
  readonly actions: readonly JobAction[];
}

const TONES: Readonly<Record<JobPhase, Tone>> = {
  uploading: 'busy',
  queued: 'rest',
  running: 'busy',
  comparing: 'busy',
  applying: 'busy',
  paused: 'warn',
  found: 'warn',
  done: 'good',
  failed: 'bad',
  cancelled: 'rest',
};

export function backfillRow(job: BackfillWire): JobRow {
  const phase = backfillPhase(job);
  const { failed } = job.segments;
  const total = Object.values(job.segments).reduce((sum, count) => sum + count, 0);
  return {
    ...common('backfill', job, phase),
    progress: isUnderWay(phase) || phase === 'paused' ? job.progress : null,
    segments: { failed, total },
    sizeBytes: null,
    actions: BACKFILL_ACTIONS[phase] ?? [],
  };
}

/** Done and kept apart: somebody has to say what becomes of it. */
function backfillPhase({ state, phase, fills, outcome }: BackfillWire): JobPhase {
  if (state === 'running' && phase !== 'analysing') return phase;
  return state === 'done' && !fills && outcome === null ? 'found' : state;
}

const BACKFILL_ACTIONS: Readonly<Partial<Record<JobPhase, readonly JobAction[]>>> = {
  queued: ['pause', 'cancel'],
  running: ['pause', 'cancel'],
  comparing: ['cancel'],
  paused: ['resume', 'cancel'],
  found: ['apply', 'discard'],
  done: ['remove'],
  failed: ['remove'],
  cancelled: ['remove'],
};

export function clipRow(job: ClipWire): JobRow {
  const phase = job.state;
  return {
    ...common('clip', job, phase),
    progress: isUnderWay(phase) ? job.progress : null,
    segments: null,
    sizeBytes: job.sizeBytes,
    actions: isUnderWay(phase) ? ['cancel'] : phase === 'done' ? ['download', 'remove'] : ['remove'],
  };
}

export function importRow(job: ImportWire): JobRow {
  const phase = job.state;
  const progress = phase === 'uploading' ? job.receivedBytes / job.sizeBytes : job.progress;
  return {
    ...common('import', { ...job, title: job.name }, phase),
    streamId: job.streamId,
    progress: isUnderWay(phase) || phase === 'paused' ? progress : null,
    segments: null,
    sizeBytes: job.sizeBytes,
    actions: IMPORT_ACTIONS[phase] ?? ['remove'],
  };
}

const IMPORT_ACTIONS: Readonly<Partial<Record<JobPhase, readonly JobAction[]>>> = {
  uploading: ['cancel'],
  queued: ['pause', 'cancel'],
  running: ['pause', 'cancel'],
  paused: ['resume', 'cancel'],
};

/** Those that go on first, then the newest. */
export const inOrder = (rows: readonly JobRow[]): JobRow[] =>
  [...rows].sort((a, b) => Number(hasEnded(a)) - Number(hasEnded(b)) || b.createdAtMs - a.createdAtMs);

const hasEnded = ({ phase }: JobRow): boolean => ['done', 'failed', 'cancelled'].includes(phase);
const isUnderWay = (phase: JobPhase): boolean => ['uploading', 'queued', 'running', 'comparing', 'applying'].includes(phase);

interface AnyJob {
  readonly id: string;
  readonly title: string;
  readonly createdAt: string;
  readonly createdBy: string;
  readonly errorCode: string | null;
  readonly detail: string | null;
}
const common = (kind: JobKind, { id, title, createdAt, createdBy, errorCode, detail }: AnyJob, phase: JobPhase) => ({
  ...{ kind, id, title, phase, errorCode, detail, streamId: '' },
  ...{ tone: TONES[phase], createdAtMs: Date.parse(createdAt), by: createdBy },
});
