import { spawn, execFile } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';
import type { CodedPicture, FitTransform, Frame } from '../../../src/core/plugin-api/index.js';

const run = promisify(execFile);

/** Something that moves along a straight line, or there and back; sizes and places are shares of the picture. */
export interface MovingObject {
  readonly fromS: number;
  readonly toS: number;
  readonly size: readonly [width: number, height: number];
  /** Top left corner at the beginning and at the end, or at the turning point. */
  readonly start: readonly [x: number, y: number];
  readonly end: readonly [x: number, y: number];
  readonly isReturning?: boolean;
  /** Stays in the picture at `end` when it has arrived. */
  readonly stays?: boolean;
  /** Levels brighter (or darker) than what it covers. */
  readonly contrast: number;
}

export type Light = 'steady' | 'ramp' | 'flicker' | 'switch';

export interface MotionClipOptions {
  readonly seed: number;
  readonly seconds: number;
  readonly noiseSigma: number;
  readonly objects: readonly MovingObject[];
  readonly light?: Light;
  readonly widthPx?: number;
  readonly heightPx?: number;
  readonly fps?: number;
  readonly keyframeSeconds?: number;
  /** Arguments of x264 that say how it spends bits. */
  readonly rate: readonly string[];
}

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

const SIZE = { widthPx: 640, heightPx: 360, fps: 25, keyframeSeconds: 2 } as const;
const GAUSSIAN_SAMPLES = 65_536;

/** Random numbers of a seed. */
function randomOf(seed: number): () => number {
  let state = (seed * 2_654_435_761) >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

/** Where the object is at a time, 0..1 of the picture; nothing before it comes and after it has gone. */
export function boxAt(object: MovingObject, timeS: number): Box | undefined {
  const { fromS, toS, start, end, size, isReturning = false, stays = false } = object;
  if (timeS < fromS || (timeS >= toS && !stays)) return undefined;
  const run = Math.min(1, (timeS - fromS) / (toS - fromS));
  const along = isReturning ? 1 - Math.abs(1 - 2 * run) : run;
  return { x: start[0] + (end[0] - start[0]) * along, y: start[1] + (end[1] - start[1]) * along, width: size[0], height: size[1] };
}

/** Whether it moves at that time, and is not just there. */
export const isMoving = ({ fromS, toS }: MovingObject, timeS: number): boolean => timeS >= fromS && timeS < toS;

function gainAt(light: Light, timeS: number, seconds: number): number {
  if (light === 'ramp') return 0.75 + (0.5 * timeS) / seconds;
  if (light === 'flicker') return 1 + 0.03 * Math.sin(2 * Math.PI * 3.7 * timeS) + 0.02 * Math.sin(2 * Math.PI * 0.31 * timeS);
  if (light === 'switch') return timeS < seconds / 2 ? 0.8 : 1.15;
  return 1;
}

/** Films a textured wall with sensor noise, light and moving things, through x264 into a transport stream. */
export async function filmMotion(file: string, options: MotionClipOptions): Promise<void> {
  const { widthPx, heightPx, fps, keyframeSeconds } = { ...SIZE, ...options };
  const random = randomOf(options.seed);
  const wall = texture(widthPx, heightPx, random);
  const noise = Float32Array.from(
    { length: GAUSSIAN_SAMPLES },
    () => options.noiseSigma * (random() + random() + random() + random() - 2) * Math.sqrt(3),
  );
  const ffmpeg = spawn(
    'ffmpeg',
    [
      ...[
        '-v',
        'error',
        '-nostdin',
        '-y',
        '-f',
        'rawvideo',
        '-pix_fmt',
        'gray',
        '-s',
        `${widthPx}x${heightPx}`,
        '-r',
        String(fps),
        '-i',
        'pipe:0',
      ],
      ...['-pix_fmt', 'yuv420p', '-c:v', 'libx264', '-preset', 'veryfast', '-threads', '1', '-g', String(fps * keyframeSeconds)],
      ...['-keyint_min', String(fps * keyframeSeconds), '-sc_threshold', '0', ...options.rate, '-f', 'mpegts', file],
    ],
    { stdio: ['pipe', 'ignore', 'inherit'] },
  );
  const ended = once(ffmpeg, 'exit');
  for (let i = 0; i < options.seconds * fps; i++) {
    const timeS = i / fps;
    const gain = gainAt(options.light ?? 'steady', timeS, options.seconds);
    const levels = Float32Array.from(wall);
    for (const object of options.objects) paint(levels, boxAt(object, timeS), object.contrast, widthPx, heightPx);
    const picture = Buffer.alloc(levels.length);
    let at = Math.floor(random() * GAUSSIAN_SAMPLES);
    for (let p = 0; p < levels.length; p++) {
      at = (at + 1 + (p & 3)) & (GAUSSIAN_SAMPLES - 1);
      const level = levels[p]! * gain + noise[at]!;
      picture[p] = level < 16 ? 16 : level > 235 ? 235 : level + 0.5;
    }
    if (!ffmpeg.stdin.write(picture)) await once(ffmpeg.stdin, 'drain');
  }
  ffmpeg.stdin.end();
  const [code] = (await ended) as [number];
  if (code !== 0) throw new Error(`ffmpeg ended with ${code}`);
}

/** Smooth gradients with blocks and edges on them, as a room has. */
function texture(widthPx: number, heightPx: number, random: () => number): Float32Array {
  const wall = new Float32Array(widthPx * heightPx);
  const [slopeX, slopeY, base] = [40 * random() - 20, 40 * random() - 20, 90 + 40 * random()];
  for (let y = 0; y < heightPx; y++)
    for (let x = 0; x < widthPx; x++) wall[y * widthPx + x] = base + (slopeX * x) / widthPx + (slopeY * y) / heightPx;
  for (let i = 0; i < 30; i++) {
    const box = { x: random(), y: random(), width: 0.05 + 0.3 * random(), height: 0.05 + 0.3 * random() };
    paint(wall, box, 60 * random() - 30, widthPx, heightPx);
  }
  return wall;
}

function paint(levels: Float32Array, box: Box | undefined, contrast: number, widthPx: number, heightPx: number): void {
  if (box === undefined) return;
  const [left, top] = [Math.round(box.x * widthPx), Math.round(box.y * heightPx)];
  const [right, bottom] = [Math.round((box.x + box.width) * widthPx), Math.round((box.y + box.height) * heightPx)];
  for (let y = Math.max(0, top); y < Math.min(heightPx, bottom); y++) {
    for (let x = Math.max(0, left); x < Math.min(widthPx, right); x++) levels[y * widthPx + x]! += contrast;
  }
}

export interface Shape {
  readonly widthPx: number;
  readonly heightPx: number;
}

/** The clip's pictures as the analyzer gets them: grey, small, `fps` a second; or its keyframes only. */
export async function framesOf(
  file: string,
  { widthPx, heightPx }: Shape,
  pick: { readonly fps: number } | { readonly keyframeEveryUs: number },
): Promise<Frame[]> {
  const scale = `scale=${widthPx}:${heightPx}:flags=area,format=gray`;
  const args =
    'fps' in pick
      ? ['-i', file, '-vf', `fps=${pick.fps}:round=up,${scale}`]
      : ['-skip_frame', 'nokey', '-i', file, '-vsync', '0', '-vf', scale];
  const { stdout } = await run('ffmpeg', ['-v', 'error', '-nostdin', ...args, '-f', 'rawvideo', 'pipe:1'], {
    encoding: 'buffer',
    maxBuffer: 1024 * 2 ** 20,
  });
  const stepUs = 'fps' in pick ? 1_000_000 / pick.fps : pick.keyframeEveryUs;
  const size = widthPx * heightPx;
  const fit: FitTransform = {
    frameWidthPx: widthPx,
    frameHeightPx: heightPx,
    offsetXPx: 0,
    offsetYPx: 0,
    contentWidthPx: widthPx,
    contentHeightPx: heightPx,
  };
  return Array.from({ length: stdout.length / size }, (_, index) => ({
    ptsUs: Math.round(index * stepUs),
    index,
    keyframe: !('fps' in pick),
    widthPx,
    heightPx,
    format: 'gray8',
    data: new Uint8Array(stdout.subarray(index * size, (index + 1) * size)),
    fit,
  }));
}

/** Every coded picture of the clip in display order; times begin at zero. */
export async function codedPictures(file: string): Promise<CodedPicture[]> {
  const { stdout } = await run(
    'ffprobe',
    ['-v', 'error', '-select_streams', 'v', '-show_entries', 'packet=pts_time,size,flags', '-of', 'csv=p=0', file],
    {
      maxBuffer: 64 * 2 ** 20,
    },
  );
  const pictures = stdout
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const [ptsS = '0', size = '0', flags = ''] = line.split(',');
      return { ptsUs: Math.round(Number(ptsS) * 1e6), sizeBytes: Number(size), keyframe: flags.startsWith('K') };
    });
  pictures.sort((a, b) => a.ptsUs - b.ptsUs);
  const origin = pictures[0]?.ptsUs ?? 0;
  return pictures.map((picture) => ({ ...picture, ptsUs: picture.ptsUs - origin }));
}

/** Things that move for a while each, with stillness between: of 2 to 12 percent of the width, slow and quick, there and back or through. */
export function randomObjects(seed: number, seconds: number): MovingObject[] {
  const random = randomOf(seed + 7_919);
  for (let i = 0; i < 8; i++) random();
  const objects: MovingObject[] = [];
  for (let fromS = 5 + 4 * random(); fromS < seconds - 8; fromS += 9 + 5 * random()) {
    const width = objects.length % 2 === 0 ? 0.02 + 0.01 * random() : 0.05 + 0.07 * random();
    const place = (): [number, number] => [0.05 + 0.75 * random(), 0.05 + 0.6 * random()];
    const [start, end] = [place(), place()];
    const far = Math.abs(start[0] - end[0]) < 0.15 ? ([(start[0] + 0.3) % 0.8, end[1]] as const) : end;
    const isReturning = random() < 0.6;
    const contrast = (20 + 25 * random()) * (random() < 0.5 ? -1 : 1);
    objects.push({ fromS, toS: fromS + 0.8 + 2.5 * random(), size: [width, width * 1.78], start, end: far, isReturning, contrast });
  }
  return objects;
}
