import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type pg from 'pg';
import { readBarcode } from '../../../src/core/plugin-testing/index.js';
import { segmentClip, segmentPath, type SegmentedStream } from '../analysis/segments.js';
import { TEST_NODE_ID } from '../ledger-seed.js';

const run = promisify(execFile);

export interface RecordedEpoch extends SegmentedStream {
  readonly startedAtMs: number;
}

export interface RecordedOptions {
  /** Of a stream that there is already: another epoch of it. */
  readonly streamId?: string;
  readonly ordinal?: number;
  readonly startedAtMs?: number;
  readonly private?: boolean;
  readonly open?: boolean;
  readonly codec?: string;
  readonly widthPx?: number;
  readonly heightPx?: number;
  readonly segmentSeconds?: number;
}

/** Segments of a clip, known to the ledger as ingest leaves them. */
export async function recordedEpoch(sql: pg.Pool, clip: string, mediaDir: string, options: RecordedOptions = {}): Promise<RecordedEpoch> {
  const { startedAtMs = Date.now() - 3_600_000, widthPx = 640, heightPx = 360 } = options;
  const cut = { ...(await segmentClip(clip, mediaDir, options.segmentSeconds)) };
  const streamId = options.streamId ?? cut.streamId;
  const firstUs = cut.facts[0]!.ptsStartUs;
  if (options.streamId === undefined)
    await sql.query(`INSERT INTO streams (id, name, title, adapter_id, private) VALUES ($1, $2, 'Front door', 'rtmp', $3)`, [
      streamId,
      `s-${streamId}`,
      options.private ?? false,
    ]);
  await sql.query(
    `INSERT INTO epochs (id, stream_id, ordinal, ingest_id, state, started_at, pts_origin_us, video_codec, width_px, height_px)
      VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
    [
      ...[cut.epochId, streamId, options.ordinal ?? 0, TEST_NODE_ID, options.open === true ? 'open' : 'closed', new Date(startedAtMs)],
      ...[firstUs, options.codec ?? 'h264', widthPx, heightPx],
    ],
  );
  for (const [sequence, facts] of cut.facts.entries())
    await sql.query(
      `INSERT INTO segments (stream_id, epoch_id, sequence, state, path, size_bytes, pts_start_us, pts_end_us, frame_count,
        keyframe_pts_us, at) VALUES ($1, $2, $3, 'ready', $4, $5, $6, $7, $8, $9, $10)`,
      [
        ...[streamId, cut.epochId, sequence, segmentPath(cut, sequence), facts.sizeBytes, facts.ptsStartUs, facts.ptsEndUs],
        ...[facts.frameCount, facts.keyframePtsUs, new Date(startedAtMs + (facts.ptsStartUs - firstUs) / 1_000)],
      ],
    );
  return { ...cut, streamId, startedAtMs };
}

/** What a file holds, as ffprobe says it. */
export async function probed(file: string): Promise<{ streams: Record<string, unknown>[]; format: Record<string, unknown> }> {
  const { stdout } = await run('ffprobe', ['-v', 'error', '-show_streams', '-show_format', '-of', 'json', file]);
  return JSON.parse(stdout) as { streams: Record<string, unknown>[]; format: Record<string, unknown> };
}

export interface SeenFrame {
  /** By its barcode; null where there is none that can be read. */
  readonly index: number | null;
  readonly atMs: number;
  readonly rgb: Buffer;
}

/** Decodes all of a video, frame by frame. */
export async function framesOf(bytes: Uint8Array, widthPx = 640, heightPx = 360): Promise<SeenFrame[]> {
  const folder = await mkdtemp(join(tmpdir(), 'vedette-frames-of-'));
  try {
    const file = join(folder, 'video');
    await writeFile(file, bytes);
    const size = widthPx * heightPx * 3;
    const decoded = await run(
      'ffmpeg',
      ['-v', 'error', '-i', file, '-map', '0:v:0', '-fps_mode', 'passthrough', '-f', 'rawvideo', '-pix_fmt', 'rgb24', 'pipe:1'],
      { encoding: 'buffer', maxBuffer: 2 ** 31 - 1 },
    );
    if (decoded.stderr.length > 0) throw new Error(`ffmpeg complains of the file: ${decoded.stderr.toString()}`);
    const { stdout } = await run('ffprobe', [
      ...['-v', 'error', '-select_streams', 'v:0', '-show_entries', 'frame=best_effort_timestamp_time', '-of', 'csv=p=0', file],
    ]);
    const times = stdout.split('\n').flatMap((line) => (/^[\d.]+/.test(line) ? [Number.parseFloat(line) * 1_000] : []));
    if (decoded.stdout.length !== times.length * size) throw new Error(`${times.length} times of ${decoded.stdout.length / size} frames`);
    const fit = {
      frameWidthPx: widthPx,
      frameHeightPx: heightPx,
      contentWidthPx: widthPx,
      contentHeightPx: heightPx,
      offsetXPx: 0,
      offsetYPx: 0,
    };
    return times.map((atMs, at) => {
      const rgb = decoded.stdout.subarray(at * size, (at + 1) * size);
      return { atMs, rgb, index: readBarcode({ data: rgb, widthPx, heightPx, format: 'rgb24', fit }) };
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
