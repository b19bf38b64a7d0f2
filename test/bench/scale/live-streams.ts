import { randomUUID } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { INestApplicationContext } from '@nestjs/common';
import { IngestLedger, JobBell } from '../../../src/core/persistence/ledger/ingest-ledger.js';
import { StreamStore } from '../../../src/core/persistence/streams/stream-store.js';
import { PersistenceModule } from '../../../src/core/persistence/persistence.module.js';
import { QueueModule } from '../../../src/core/queue/queue.module.js';
import { ingestIdentity } from '../../../src/core/media/media-folder-identity.js';
import { assignmentsOf } from '../../integration/support/pipeline-registry.js';
import { openSide } from './side.js';
import type { Ground } from './stack.js';

export const SEGMENT_MS = 2_000;
const SEGMENT_US = SEGMENT_MS * 1_000;

interface LiveStream {
  readonly streamId: string;
  readonly epochId: string;
  /** Sequence of its next segment. */
  next: number;
}

/** How many runs ended in which way, and how many wait. */
export type RunCounts = Readonly<Record<string, number>>;

/** The ingest side: streams whose segments are registered and rung for as the watcher does it, one by one. */
export class LiveStreams {
  private readonly streams: LiveStream[] = [];

  private constructor(
    private readonly app: INestApplicationContext,
    private readonly ground: Ground,
    private readonly ledger: IngestLedger,
    private readonly bell: JobBell,
  ) {}

  static async open(ground: Ground, count: number): Promise<LiveStreams> {
    const app = await openSide({ ...ground, concurrency: 1 }, [PersistenceModule, QueueModule]);
    const get = <T>(token: abstract new (...args: never[]) => T): T => app.get<T>(token as never, { strict: false });
    const live = new LiveStreams(app, ground, get(IngestLedger), get(JobBell));
    const ingestId = await ingestIdentity(ground.mediaDir);
    for (let index = 0; index < count; index++) {
      const name = `bench-${index}`;
      const { id: streamId } = await get(StreamStore).create({ name, title: name, adapterId: 'bench' });
      const epochId = randomUUID();
      await live.ledger.openEpoch({ streamId, epochId, startedAtMs: Date.now(), ingestId });
      await live.ledger.setEpochMedia(epochId, { videoCodec: 'h264', audioCodec: null, widthPx: 1280, heightPx: 720, ptsOriginUs: 0 });
      live.streams.push({ streamId, epochId, next: 0 });
    }
    return live;
  }

  get ids(): readonly string[] {
    return this.streams.map(({ streamId }) => streamId);
  }

  /** The files of each stream's next segments, which the packager has written before anybody is told of them. */
  writeFiles(segmentsPerStream: number): void {
    for (const stream of this.streams) {
      for (let index = 0; index < segmentsPerStream; index++) {
        const file = join(this.ground.mediaDir, pathOf(stream, stream.next + index));
        mkdirSync(dirname(file), { recursive: true });
        writeFileSync(file, 'x');
      }
    }
  }

  /** So many segments of every stream, as fast as they are taken; within a stream one after the other. */
  async publish(segmentsPerStream: number): Promise<void> {
    await Promise.all(
      this.streams.map(async (stream) => {
        for (let index = 0; index < segmentsPerStream; index++) await this.publishNext(stream);
      }),
    );
  }

  /** Segments at their pace until told otherwise, the streams evenly out of step. @returns how to stop, which waits for the last */
  publishLive(): () => Promise<void> {
    const ended = new AbortController();
    const started = performance.now();
    const running = this.streams.map(async (stream, index) => {
      const offsetMs = (SEGMENT_MS * index) / this.streams.length;
      for (let count = 0; ; count++) {
        const dueMs = started + offsetMs + count * SEGMENT_MS - performance.now();
        if (dueMs > 0) await sleep(dueMs, ended.signal);
        if (ended.signal.aborted) return;
        await this.publishNext(stream);
      }
    });
    return async () => {
      ended.abort();
      await Promise.all(running);
    };
  }

  async counts(): Promise<RunCounts> {
    const rows = await this.ground.rows<{ state: string; count: number }>(
      `SELECT state || COALESCE('(' || reason || ')', '') AS state, count(*)::int AS count FROM analysis_runs GROUP BY 1`,
    );
    return Object.fromEntries(rows.map(({ state, count }) => [state, count]));
  }

  close(): Promise<void> {
    return this.app.close();
  }

  private async publishNext(stream: LiveStream): Promise<void> {
    const sequence = stream.next++;
    const jobs = await this.ledger.registerSegments(
      stream.epochId,
      [
        {
          sequence,
          path: pathOf(stream, sequence),
          sizeBytes: 1,
          state: 'ready',
          ptsStartUs: sequence * SEGMENT_US,
          ptsEndUs: (sequence + 1) * SEGMENT_US,
          frameCount: 60,
          keyframePtsUs: [sequence * SEGMENT_US],
        },
      ],
      assignmentsOf(),
    );
    await this.bell.ring(jobs);
  }
}

function pathOf({ streamId, epochId }: LiveStream, sequence: number): string {
  return `${streamId}/${epochId}/${String(sequence).padStart(6, '0')}.ts`;
}

function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end, { once: true });
  });
}
