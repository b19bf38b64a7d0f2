import { startChild } from '../children/child-process.js';
import { programEnvironment } from '../config/child-environment.js';
import { once } from 'node:events';
import { extname } from 'node:path';
import { Box, type Box01 } from '../plugin-api/index.js';
import { BARCODE_STRIP, barcodeCells } from './barcode.js';

export interface BarcodeClipOptions {
  readonly frames: number;
  readonly fps: number;
  /** Both even. */
  readonly widthPx: number;
  readonly heightPx: number;
  /** Frames from keyframe to keyframe. */
  readonly gop: number;
  readonly bframes?: number;
  /** Adds a sine tone as AAC. */
  readonly audio?: boolean;
  readonly codec?: 'h264' | 'hevc';
  /** More options for the encoder, e.g. `['-b:v', '2M']`. Default: constant quality. */
  readonly encoderOptions?: readonly string[];
  /** Frame number of the first frame. */
  readonly firstIndex?: number;
  readonly ffmpegPath?: string;
}

const MUXERS: Readonly<Record<string, string>> = { '.ts': 'mpegts', '.flv': 'flv', '.mp4': 'mp4', '.mkv': 'matroska' };
/** Limited-range BT.601. */
const WHITE = 235;
const BLACK = 16;
const RED = { y: 81, u: 90, v: 240 };
const RECTANGLE = { y: 0.2, width: 0.2, height: 0.3 };
const SWEEP_FRAMES = 100;

/** Where the clip's red rectangle is in frame `index`: it sweeps to and fro, so that neighbours differ. */
export function rectangleAt(index: number): Box01 {
  const phase = index % (2 * SWEEP_FRAMES);
  const along = phase < SWEEP_FRAMES ? phase : 2 * SWEEP_FRAMES - phase;
  return Box.from01(0.05 + (0.7 * along) / SWEEP_FRAMES, RECTANGLE.y, RECTANGLE.width, RECTANGLE.height);
}

/**
 * Makes a clip whose every frame carries its number as a barcode ({@link readBarcode} reads it) and a red rectangle at a place
 * that follows from the number ({@link rectangleAt}). The container follows from the file's extension: .ts, .flv, .mp4, .mkv.
 * @example await makeBarcodeClip('clip.ts', { frames: 300, fps: 25, widthPx: 640, heightPx: 360, gop: 50 });
 */
export async function makeBarcodeClip(path: string, options: BarcodeClipOptions): Promise<void> {
  const { frames, fps, widthPx, heightPx, ffmpegPath = 'ffmpeg' } = options;
  const muxer = MUXERS[extname(path)];
  if (muxer === undefined) throw new RangeError(`No container is known for ${path}`);
  const child = startChild(ffmpegPath, ffmpegArguments(path, muxer, options), {
    env: programEnvironment(),
    stdio: ['pipe', 'ignore', 'pipe'],
  });
  let complaints = '';
  child.stderr!.setEncoding('utf8').on('data', (text: string) => (complaints += text));
  const ended = once(child, 'exit') as Promise<[number | null]>;
  // A broken pipe is explained by what ffmpeg writes before it ends.
  child.stdin!.on('error', () => undefined);
  const painter = new FramePainter(widthPx, heightPx);
  for (let i = 0; i < frames && child.exitCode === null; i++) {
    const canGoOn = child.stdin!.write(painter.paint((options.firstIndex ?? 0) + i));
    if (!canGoOn) await Promise.race([once(child.stdin!, 'drain'), ended]);
  }
  child.stdin!.end();
  const [code] = await ended;
  if (code !== 0) throw new Error(`ffmpeg could not make ${path} (${frames} frames at ${fps}/s): ${complaints.trim()}`);
}

function ffmpegArguments(path: string, muxer: string, options: BarcodeClipOptions): string[] {
  const { frames, fps, widthPx, heightPx, gop, bframes = 0, audio = false, codec = 'h264' } = options;
  const video =
    codec === 'h264'
      ? [
          '-c:v',
          'libx264',
          '-preset',
          'veryfast',
          '-x264-params',
          `keyint=${gop}:min-keyint=${gop}:scenecut=0:bframes=${bframes}:b-adapt=0`,
        ]
      : [
          '-c:v',
          'libx265',
          '-preset',
          'ultrafast',
          '-x265-params',
          `keyint=${gop}:min-keyint=${gop}:scenecut=0:bframes=${bframes}:open-gop=0:log-level=error`,
        ];
  return [
    ...['-v', 'error', '-nostdin', '-y'],
    ...['-f', 'rawvideo', '-pix_fmt', 'yuv420p', '-s', `${widthPx}x${heightPx}`, '-r', String(fps), '-i', 'pipe:0'],
    ...(audio ? ['-f', 'lavfi', '-i', `sine=frequency=440:sample_rate=48000:duration=${frames / fps}`, '-c:a', 'aac', '-b:a', '64k'] : []),
    ...video,
    ...(options.encoderOptions ?? ['-crf', '23']),
    ...['-f', muxer, path],
  ];
}

/** Paints one frame after another into the same yuv420p buffer. */
class FramePainter {
  private readonly base: Buffer;

  constructor(
    private readonly width: number,
    private readonly height: number,
  ) {
    if (width % 2 !== 0 || height % 2 !== 0) throw new RangeError(`A clip of ${width}x${height} needs even sides`);
    this.base = Buffer.alloc((width * height * 3) / 2, 128);
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) this.base[y * width + x] = 60 + Math.round((80 * x) / width + (40 * y) / height);
    }
  }

  paint(index: number): Buffer {
    const picture = Buffer.from(this.base);
    this.fill(picture, rectangleAt(index), RED);
    const cells = barcodeCells(index);
    const { x, y, width, height } = BARCODE_STRIP;
    cells.forEach((white, cell) => {
      this.fill(
        picture,
        { x: x + (width * cell) / cells.length, y, width: width / cells.length, height },
        { y: white ? WHITE : BLACK, u: 128, v: 128 },
      );
    });
    return picture;
  }

  private fill(
    picture: Buffer,
    box: { x: number; y: number; width: number; height: number },
    colour: { y: number; u: number; v: number },
  ): void {
    const { width, height } = this;
    const plane = (at: number, columns: number, rows: number, level: number): void => {
      const left = Math.round(box.x * columns);
      const right = Math.round((box.x + box.width) * columns);
      for (let row = Math.round(box.y * rows); row < Math.round((box.y + box.height) * rows); row++) {
        picture.fill(level, at + row * columns + left, at + row * columns + right);
      }
    };
    plane(0, width, height, colour.y);
    plane(width * height, width / 2, height / 2, colour.u);
    plane((width * height * 5) / 4, width / 2, height / 2, colour.v);
  }
}
