import type pg from 'pg';
import type { LedgerSeed } from './ledger-seed.js';
import { numbersFrom } from './numbers-from.js';

export interface SceneSegment {
  readonly id: string;
  readonly epochId: string;
  readonly sequence: number;
  readonly fromUs: number;
  readonly toUs: number;
  state: string;
}
export interface SceneRun {
  readonly id: string;
  readonly segmentId: string;
  readonly analyzerId: string;
  state: string;
  reason: string | null;
  errorCode: string | null;
}
export interface SceneEvent {
  readonly id: string;
  readonly analyzerId: string;
  readonly name: string;
  readonly fromUs: number;
  toUs: number | null;
}
export interface SceneValue {
  readonly kind: 'detections' | 'metrics';
  readonly analyzerId: string;
  readonly name: string;
  readonly atUs: number;
  readonly value: number;
}

const ANALYZERS = ['vedette.test.look', 'vedette.test.other', 'acme.gone'];
const PTS_ORIGIN_US = 1_400_000;
const ENDINGS: readonly (readonly [state: string, reason: string | null, code: string | null])[] = [
  ['done', null, null],
  ['done', null, null],
  ['done', null, null],
  ['partial', '3 of 60 frames missing', null],
  ['skipped', 'overload', null],
  ['skipped', 'no_audio: the segment has no sound in AAC', null],
  ['skipped', 'Too dark for words: really', null],
  ['failed', null, 'VD_MEDIA_DAMAGED'],
  ['failed', null, 'VD_ACME_BROKEN'],
  ['queued', null, null],
  ['running', null, null],
];
const NAMES = { detections: ['person', 'a "cat"', 'é\\'], metrics: ['motion.share', 'brightness'] } as const;

/** A random ledger of one stream, and beside it what is in it, to be added up by hand. */
export class TimelineScene {
  readonly segments: SceneSegment[] = [];
  readonly runs: SceneRun[] = [];
  readonly events: SceneEvent[] = [];
  readonly values: SceneValue[] = [];
  streamId = '';
  readonly next: () => number;

  constructor(
    private readonly sql: pg.Pool,
    private readonly seed: LedgerSeed,
    seedNumber: number,
  ) {
    this.next = numbersFrom(seedNumber);
  }

  pick<T>(items: readonly T[]): T {
    return items[Math.floor(this.next() * items.length)]!;
  }

  /** Epochs of segments of odd lengths with gaps between, of which two overlap; runs, results and events of them. */
  async fill(name: string, startedAtMs: number, epochs: number, segmentsEach: number): Promise<void> {
    this.streamId = await this.seed.stream({ name });
    let beginMs = startedAtMs;
    for (let ordinal = 0; ordinal < epochs; ordinal++) {
      const epochId = await this.seed.epoch(this.streamId, {
        ordinal,
        startedAt: new Date(beginMs),
        state: 'closed',
        ptsOriginUs: PTS_ORIGIN_US,
      });
      let offsetUs = 0;
      for (let sequence = 0; sequence < segmentsEach; sequence++) {
        const lengthUs = this.pick([2_000_000, 2_000_000, 7_333_337, 61_000_000, 1]);
        const state = this.pick(['ready', 'ready', 'ready', 'ready', 'deleted', 'lost', 'unreadable']);
        await this.segment(epochId, sequence, beginMs * 1000, offsetUs, lengthUs, state);
        offsetUs += lengthUs + (this.next() < 0.1 ? Math.floor(this.next() * 400_000_000) : 0);
      }
      beginMs += Math.floor(offsetUs / 1000) + (ordinal === 1 ? -30_000 : 95_123);
    }
    for (const segment of this.segments) {
      for (const analyzerId of ANALYZERS) if (this.next() < 0.8) await this.run(segment, analyzerId, 'aa');
      // One whose configuration changed was looked at twice.
      if (this.next() < 0.15) await this.run(segment, ANALYZERS[0]!, 'bb');
    }
    for (let n = 0; n < 40; n++) await this.event();
  }

  /** When the first segment begins, and the last ends: µs since 1970. */
  get span(): readonly [number, number] {
    return [Math.min(...this.segments.map(({ fromUs }) => fromUs)), Math.max(...this.segments.map(({ toUs }) => toUs))];
  }

  async segment(
    epochId: string,
    sequence: number,
    epochUs: number,
    offsetUs: number,
    lengthUs: number,
    state: string,
  ): Promise<SceneSegment> {
    const fromUs = epochUs + offsetUs;
    const { rows } = await this.sql.query<{ id: string }>(
      `INSERT INTO segments (stream_id, epoch_id, sequence, state, path, size_bytes, pts_start_us, pts_end_us, frame_count, at)
       VALUES ($1, $2, $3, $4, 'x', 1000, $5::bigint, $6::bigint, 60, to_timestamp($7::numeric / 1000000)) RETURNING id`,
      [this.streamId, epochId, sequence, state, PTS_ORIGIN_US + offsetUs, PTS_ORIGIN_US + offsetUs + lengthUs, fromUs],
    );
    const segment = { id: rows[0]!.id, epochId, sequence, fromUs, toUs: fromUs + lengthUs, state };
    this.segments.push(segment);
    return segment;
  }

  async run(segment: SceneSegment, analyzerId: string, configHash: string): Promise<SceneRun> {
    const [state, reason, errorCode] = this.pick(ENDINGS);
    const { rows } = await this.sql.query<{ id: string }>(
      `INSERT INTO analysis_runs (segment_id, stream_id, epoch_id, epoch_ordinal, sequence, queue, analyzer_id, analyzer_version,
         config_hash, state, reason, error_code, finished_at, created_at)
       SELECT s.id, s.stream_id, s.epoch_id, 0, s.sequence, 'default', $2, '1.0.0', $3, $4, $5, $6,
         CASE WHEN $4 IN ('queued', 'running') THEN NULL ELSE s.at + interval '20 seconds' END, s.at FROM segments s WHERE s.id = $1 RETURNING id`,
      [segment.id, analyzerId, configHash, state, reason, errorCode],
    );
    const run = { id: rows[0]!.id, segmentId: segment.id, analyzerId, state, reason, errorCode };
    this.runs.push(run);
    if (state === 'done' || state === 'partial') await this.results(run, segment, Math.floor(this.next() * 6));
    return run;
  }

  async results(run: SceneRun, segment: SceneSegment, count: number): Promise<void> {
    for (let ordinal = 0; ordinal < count; ordinal++) {
      const kind = this.pick(['detections', 'metrics'] as const);
      const name = this.pick(NAMES[kind]);
      // A score of six places is the same as a `real`, told in decimals.
      const value = kind === 'detections' ? Math.round(this.next() * 1e6) / 1e6 : this.next() * 4 - 1;
      // Some tell of what was long before.
      const atUs = segment.fromUs + Math.floor(this.next() * (segment.toUs - segment.fromUs)) - (this.next() < 0.1 ? 600_000_000 : 0);
      const place = [atUs, run.id, Math.floor(this.next() * 1e9), this.streamId, segment.epochId, run.analyzerId, atUs, name, value];
      const columns = 'at, run_id, ordinal, stream_id, epoch_id, analyzer_id, pts_us';
      await this.sql.query(
        kind === 'detections'
          ? `INSERT INTO detections (${columns}, label, score, x, y, width, height)
             VALUES (to_timestamp($1::numeric / 1000000), $2, $3, $4, $5, $6, $7, $8, $9, 0, 0, 1, 1)`
          : `INSERT INTO metrics (${columns}, name, value, unit) VALUES (to_timestamp($1::numeric / 1000000), $2, $3, $4, $5, $6, $7, $8, $9, '1')`,
        place,
      );
      this.values.push({ kind, analyzerId: run.analyzerId, name, atUs, value });
    }
  }

  async event(): Promise<SceneEvent> {
    const [fromUs, toUs] = this.span;
    const startUs = Math.floor(fromUs + (this.next() * 1.2 - 0.2) * (toUs - fromUs));
    return this.eventAt(startUs, this.next() < 0.1 ? null : startUs + Math.floor(this.pick([0, 5e6, 90e6, 4e9]) * this.next()));
  }

  async eventAt(startUs: number, endUs: number | null): Promise<SceneEvent> {
    const [analyzerId, name] = [this.pick(ANALYZERS), this.pick(['motion', 'door'])];
    const { rows } = await this.sql.query<{ id: string }>(
      `INSERT INTO events (stream_id, epoch_id, analyzer_id, config_hash, key, name, state, start_pts_us, start_at, end_pts_us, end_at,
         first_run_id, last_run_id)
       VALUES ($1, $2, $3, 'aa', gen_random_uuid()::text, $4, CASE WHEN $6::numeric IS NULL THEN 'open' ELSE 'closed' END, 0,
         to_timestamp($5::numeric / 1000000), 0, to_timestamp($6::numeric / 1000000), 1, 1) RETURNING id`,
      [this.streamId, this.pick(this.segments).epochId, analyzerId, name, startUs, endUs],
    );
    const event = { id: rows[0]!.id, analyzerId, name, fromUs: startUs, toUs: endUs };
    this.events.push(event);
    return event;
  }

  /** Something changes that is there already, as it does when analysis, retention and people go on. */
  async change(): Promise<void> {
    const roll = this.next();
    if (roll < 0.35) {
      const segment = this.pick(this.segments);
      await this.run(segment, this.pick(ANALYZERS), `late-${Math.floor(this.next() * 1e9)}`);
    } else if (roll < 0.5) {
      const run = this.pick(this.runs.filter(({ state }) => state === 'queued' || state === 'running'));
      if (run === undefined) return;
      [run.state, run.reason, run.errorCode] = this.pick(ENDINGS.filter(([state]) => state !== 'queued' && state !== 'running'));
      await this.sql.query(
        `UPDATE analysis_runs r SET state = $2, reason = $3, error_code = $4, finished_at = s.at + interval '30 seconds' FROM segments s
         WHERE r.id = $1 AND s.id = r.segment_id`,
        [run.id, run.state, run.reason, run.errorCode],
      );
    } else if (roll < 0.65) {
      const segment = this.pick(this.segments);
      segment.state = 'deleted';
      await this.sql.query(`UPDATE segments SET state = 'deleted' WHERE id = $1`, [segment.id]);
    } else if (roll < 0.8) {
      const event = this.pick(this.events.filter(({ toUs }) => toUs === null));
      if (event === undefined) return;
      event.toUs = event.fromUs + Math.floor(this.next() * 4e9);
      await this.sql.query(`UPDATE events SET state = 'closed', end_at = to_timestamp($2::numeric / 1000000) WHERE id = $1`, [
        event.id,
        event.toUs,
      ]);
    } else if (roll < 0.9) {
      const event = this.pick(this.events);
      this.events.splice(this.events.indexOf(event), 1);
      await this.sql.query('DELETE FROM events WHERE id = $1', [event.id]);
    } else await this.event();
  }
}
