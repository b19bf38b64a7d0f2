import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { BARCODE_WIDTH, DRAWN_HEIGHT, DRAWN_WIDTH, drawBarcode, drawFrame } from './clip-frames.ts';
import { BARCODE, CLIP_SECONDS, FPS, FRAMES, HEIGHT, WIDTH } from './clip-scene.ts';

/** A segment of the clip. Ticks are of MPEG's 90 kHz clock. */
export interface ClipSegment {
  readonly file: string;
  readonly firstTick: number;
  readonly lastTick: number;
  readonly frames: number;
  readonly sizeBytes: number;
}

const TICKS_PER_SECOND = 90_000;
export const CLIP_FOLDER = join(tmpdir(), 'vedette-mock-clip');
export const usOfTick = (tick: number): number => Math.round((tick * 1e6) / TICKS_PER_SECOND);
export const ticksOfFrames = (frames: number): number => (frames * TICKS_PER_SECOND) / FPS;

/** Makes the clip below `folder` unless it is there: once, by ffmpeg, in segments of 2 s. */
export async function prepareClip(folder: string): Promise<ClipSegment[]> {
  const index = join(folder, 'index.json');
  if (existsSync(index)) return JSON.parse(readFileSync(index, 'utf8')) as ClipSegment[];
  mkdirSync(folder, { recursive: true });
  await encode(folder);
  const segments = readdirSync(folder)
    .filter((name) => name.endsWith('.ts'))
    .sort()
    .map((file) => probe(folder, file));
  writeFileSync(index, JSON.stringify(segments));
  return segments;
}

async function encode(folder: string): Promise<void> {
  const child = spawn('ffmpeg', encoderArguments(folder), { stdio: ['ignore', 'ignore', 'inherit', 'pipe', 'pipe'] });
  const exited = once(child, 'exit');
  const [pictures, barcodes] = [child.stdio[3] as Writable, child.stdio[4] as Writable];
  // An encoder that ends early closes its pipes; its exit code says why.
  const feed = (pipe: Writable, frames: Iterable<Buffer>): void => void pipeline(Readable.from(frames), pipe).catch(() => undefined);
  feed(pictures, drawn(drawFrame, DRAWN_WIDTH * DRAWN_HEIGHT * 3));
  feed(barcodes, drawn(drawBarcode, BARCODE_WIDTH * BARCODE.height));
  const [code] = (await exited) as [number | null];
  if (code !== 0) throw new Error(`ffmpeg ended with ${code}`);
}

function* drawn(draw: (n: number, out: Buffer) => void, sizeBytes: number): Generator<Buffer> {
  for (let n = 0; n < FRAMES; n++) {
    const frame = Buffer.alloc(sizeBytes);
    draw(n, frame);
    yield frame;
  }
}

function encoderArguments(folder: string): string[] {
  const raw = (format: string, width: number, height: number, pipe: number): string[] => [
    '-f',
    'rawvideo',
    '-pix_fmt',
    format,
    '-s',
    `${width}x${height}`,
    '-r',
    `${FPS}`,
    '-i',
    `pipe:${pipe}`,
  ];
  return [
    ...['-y', '-v', 'error', '-nostdin'],
    ...raw('rgb24', DRAWN_WIDTH, DRAWN_HEIGHT, 3),
    ...raw('gray', BARCODE_WIDTH, BARCODE.height, 4),
    ...['-f', 'lavfi', '-t', `${CLIP_SECONDS}`, '-i', 'sine=frequency=220:sample_rate=48000'],
    ...['-filter_complex', `[0]scale=${WIDTH}:${HEIGHT}:flags=bicubic[p];[p][1]overlay=0:H-h,format=yuv420p[v]`],
    ...['-map', '[v]', '-map', '2:a'],
    ...['-c:v', 'libx264', '-preset', 'veryfast', '-crf', '23', '-bf', '2'],
    ...['-g', `${FPS * 2}`, '-keyint_min', `${FPS * 2}`, '-sc_threshold', '0'],
    ...['-c:a', 'aac', '-b:a', '64k'],
    ...['-f', 'hls', '-hls_time', '2', '-hls_list_size', '0'],
    ...['-hls_segment_filename', join(folder, '%06d.ts'), join(folder, 'clip.m3u8')],
  ];
}

function probe(folder: string, file: string): ClipSegment {
  const path = join(folder, file);
  const { stdout } = spawnSync('ffprobe', ['-v', 'error', '-select_streams', 'v', '-show_entries', 'packet=pts', '-of', 'csv=p=0', path], {
    encoding: 'utf8',
  });
  const ticks = stdout
    .split(/\s+/)
    .map((word) => parseInt(word, 10))
    .filter(Number.isFinite);
  return {
    file,
    firstTick: Math.min(...ticks),
    lastTick: Math.max(...ticks),
    frames: ticks.length,
    sizeBytes: readFileSync(path).length,
  };
}
