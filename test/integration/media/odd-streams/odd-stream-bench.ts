import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type pg from 'pg';
import { defineSource, z } from 'vedette/plugin';
import { expect } from 'vitest';
import { rtmpConfigSchema, type RtmpConfigInput } from '../../../../src/adapters/rtmp/config.js';
import { RtmpListener } from '../../../../src/adapters/rtmp/rtmp-listener.js';
import { CountingPublisher, type Step } from '../../../../src/adapters/rtmp/testing/counting-publisher.js';
import { epochPlaylist } from '../../../../src/core/api/playback/playlist.js';
import { initializationPath } from '../../../../src/core/media/segment-name.js';
import { createPool } from '../../../../src/core/persistence/pool.js';
import { PlaylistReads } from '../../../../src/core/persistence/read/playlist-reads.js';
import { newStreamKey, streamKeyHint, streamKeySha256 } from '../../../../src/core/persistence/streams/stream-key.js';
import { checkInvariants } from '../../../faults/invariants.js';
import { readPlaylist } from '../../../support/media/hls-conformance.js';
import { createTestDatabase, type TestDatabase } from '../../../support/postgres.js';
import { until } from '../../../support/until.js';
import { TestIngestNode } from '../../support/ingest-node.js';

const run = promisify(execFile);

export interface Door {
  readonly streamId: string;
  readonly key: string;
}

/** What the ledger has of a stream. */
export interface Account {
  readonly video: number;
  readonly audio: number;
  readonly open: number;
}

export interface StoredEpoch {
  readonly id: string;
  readonly startedAtMs: number;
  readonly endReason: string | null;
  readonly segments: readonly {
    readonly path: string;
    readonly frames: number;
    readonly error: string | null;
    readonly isMarked: boolean;
  }[];
}

/** The listener is the bench's own: its port is to be known. */
const door = defineSource({
  ...{ id: 'rtmp', version: '1.0.0', title: 'Door', kind: 'listener', config: z.strictObject({}) },
  create: () => ({
    open: async () => {
      const done = Promise.withResolvers<{ reason: string }>();
      return { stop: async (reason: string) => done.resolve({ reason }), done: done.promise };
    },
  }),
});

/** The ingest role with its RTMP listener, in front of a real database. */
export class OddStreamBench {
  private constructor(
    readonly database: TestDatabase,
    readonly sql: pg.Pool,
    readonly node: TestIngestNode,
    readonly listener: RtmpListener,
  ) {}

  static async start(config: RtmpConfigInput = {}): Promise<OddStreamBench> {
    const database = await createTestDatabase();
    const sql = createPool({ databaseUrl: database.url, size: 2, name: 'test', statementTimeoutMs: 30_000 });
    const node = await TestIngestNode.start({ databaseUrl: database.url, name: 'odd', sources: [door] });
    const settings = rtmpConfigSchema.parse({ host: '127.0.0.1', port: 0, ...config });
    const listener = await RtmpListener.open(settings, node.gate, node.logger, new AbortController().signal);
    return new OddStreamBench(database, sql, node, listener);
  }

  async stop(): Promise<void> {
    await this.listener.stop('test over');
    await this.node.stop();
    await this.sql.end();
    await this.database.drop();
  }

  async door(name: string): Promise<Door> {
    const { rows } = await this.sql.query<{ id: string }>(
      `WITH made AS (INSERT INTO streams (id, name, title, adapter_id, source_config)
        VALUES (gen_random_uuid(), $1, $1, 'rtmp', '{}') RETURNING id)
       SELECT id, pg_notify('vedette_streams', id::text) FROM made`,
      [name],
    );
    const streamId = rows[0]!.id;
    const key = newStreamKey();
    await this.sql.query('INSERT INTO stream_keys (id, stream_id, key_sha256, hint) VALUES (gen_random_uuid(), $1, $2, $3)', [
      ...[streamId, streamKeySha256(key), streamKeyHint(key)],
    ]);
    return { streamId, key };
  }

  publisher(door: Door, options?: { readonly isEnhanced?: boolean }): Promise<CountingPublisher> {
    return CountingPublisher.open(this.listener.port, door.key, options);
  }

  /** Publishes it all at once and ends as a polite publisher does. @returns what was sent */
  async publish(door: Door, steps: readonly Step[], options?: { readonly isEnhanced?: boolean }): Promise<CountingPublisher['sent']> {
    const publisher = await this.publisher(door, options);
    await publisher.send(steps);
    await publisher.close();
    return publisher.sent;
  }

  /** Waits until the ledger has what was sent, all epochs are closed, and nothing is promised that does not hold. */
  async expectAccounted(door: Door, sent: { readonly video: number; readonly audio: number }): Promise<void> {
    let account: Account | undefined;
    try {
      await until('every frame to be in a segment or a gap', async () => {
        account = await this.account(door);
        return account.open === 0 && account.video >= sent.video && account.audio >= sent.audio;
      });
    } catch {
      // The comparison below says what is missing.
    }
    expect({ ...account, gaps: await this.gaps(door) }).toMatchObject({ ...sent, open: 0 });
    const { video, audio } = sent;
    // Nobody works here: runs stay queued.
    const expectations = { analyzers: [], maxAgeMs: 3_600_000, sentFrames: { [door.streamId]: { video, audio } } };
    expect(await checkInvariants(this.database.url, { mediaDir: this.node.mediaDir, expectations })).toEqual([]);
    await this.expectPlaylists(door);
    await this.expectDecodable(door);
  }

  async account({ streamId }: Door): Promise<Account> {
    const { rows } = await this.sql.query<Account>(
      `SELECT (SELECT COALESCE(sum(frame_count), 0) FROM segments WHERE stream_id = $1)::int
           + (SELECT COALESCE(sum(video_frames), 0) FROM gaps WHERE stream_id = $1)::int AS video,
         (SELECT COALESCE(sum(audio_frame_count), 0) FROM segments WHERE stream_id = $1)::int
           + (SELECT COALESCE(sum(audio_frames), 0) FROM gaps WHERE stream_id = $1)::int AS audio,
         (SELECT count(*) FROM epochs WHERE stream_id = $1 AND state = 'open')::int AS open`,
      [streamId],
    );
    return rows[0]!;
  }

  /** Frames in gap rows, by reason: `{ damaged: [pictures, sounds] }`. */
  async gaps({ streamId }: Door): Promise<Record<string, readonly [number, number]>> {
    const { rows } = await this.sql.query<{ reason: string; video: number; audio: number }>(
      `SELECT reason, sum(video_frames)::int AS video, sum(audio_frames)::int AS audio FROM gaps WHERE stream_id = $1
       GROUP BY reason ORDER BY reason`,
      [streamId],
    );
    return Object.fromEntries(rows.map(({ reason, video, audio }) => [reason, [video, audio]]));
  }

  async epochs({ streamId }: Door): Promise<StoredEpoch[]> {
    const { rows } = await this.sql.query<StoredEpoch>(
      `SELECT e.id, (extract(epoch FROM e.started_at) * 1000)::float8 AS "startedAtMs", e.end_reason AS "endReason",
         COALESCE((SELECT jsonb_agg(jsonb_build_object('path', s.path, 'frames', s.frame_count, 'error', s.error, 'isMarked',
           s.error IS NOT NULL OR EXISTS (SELECT FROM gaps g WHERE g.epoch_id = e.id AND g.video_frames > 0
             AND g.from_pts_us < s.pts_end_us AND g.to_pts_us >= s.pts_start_us)) ORDER BY s.sequence)
           FROM segments s WHERE s.epoch_id = e.id), '[]') AS segments
       FROM epochs e WHERE stream_id = $1 ORDER BY ordinal`,
      [streamId],
    );
    return rows;
  }

  async state({ streamId }: Door): Promise<{ state: string; detail: string | null }> {
    const { rows } = await this.sql.query<{ state: string; detail: string | null }>(
      'SELECT state, state_detail AS detail FROM streams WHERE id = $1',
      [streamId],
    );
    return rows[0]!;
  }

  private async expectPlaylists({ streamId }: Door): Promise<void> {
    const reads = new PlaylistReads({
      query: async (text: string, values?: unknown[]) => (await this.sql.query(text, values)).rows,
    } as never);
    const window = await reads.liveWindow(streamId, 1000);
    for (const epoch of window?.epochs ?? []) readPlaylist(epochPlaylist(epoch));
  }

  /** Each segment's pictures decode without a complaint, alone, unless the segment is marked. */
  private async expectDecodable(door: Door): Promise<void> {
    for (const { segments } of await this.epochs(door)) {
      for (const { path, isMarked, frames } of segments) {
        if (isMarked || frames === 0) continue;
        const { pictures, errors } = await decode(join(this.node.mediaDir, path));
        expect({ path, pictures, errors }).toEqual({ path, pictures: frames, errors: '' });
      }
    }
  }
}

async function decode(path: string): Promise<{ pictures: number; errors: string }> {
  // Fragments need what stands before them.
  const initialization = initializationPath(path);
  const input = initialization === null ? path : `concat:${initialization}|${path}`;
  const args = ['-v', 'error', '-threads', '1', '-i', input, '-map', '0:v', '-vsync', '0', '-f', 'framecrc', '-'];
  const { stdout, stderr } = await run('ffmpeg', args, { maxBuffer: 16 * 1024 ** 2 });
  return { pictures: stdout.split('\n').filter((line) => /^\d/.test(line)).length, errors: stderr };
}
