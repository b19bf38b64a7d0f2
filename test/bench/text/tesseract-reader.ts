import { execFileSync, spawn } from 'node:child_process';
import sharp from 'sharp';
import type { Frame, PictureInput } from 'vedette/plugin';
import { decodedFrames, sampledIndices } from '../logos/clip-frames.js';
import type { Reader, ReaderRun } from './readers.js';
import type { ReadText, TextClip } from './truth.js';

export interface TesseractOptions {
  /** Page segmentation: 11 is sparse text, 3 is a page. */
  readonly mode: number;
  /** Times that the picture is enlarged before. */
  readonly enlarged: number;
  /** Words below this confidence, 0..100, are left out. */
  readonly minConfidence: number;
}

/** On some backgrounds it takes minutes; a frame that takes longer than this is one in which it has read nothing. */
const PATIENCE_S = 5;

/** The best word F1 of several on the val split. */
export const TESSERACT_DEFAULTS: TesseractOptions = { mode: 3, enlarged: 2, minConfidence: 60 };

/** Its version, or undefined where it is not installed. */
export function tesseractVersion(): string | undefined {
  try {
    return execFileSync('tesseract', ['--version'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).split('\n')[0];
  } catch {
    return undefined;
  }
}

/** Debian's Tesseract with its English model, on the same frames, each by itself: it knows no video. */
export class TesseractReader implements Reader {
  readonly name: string;

  constructor(
    private readonly input: PictureInput,
    private readonly options: TesseractOptions,
  ) {
    this.name = `Tesseract (psm ${options.mode}, x${options.enlarged}, confidence ${options.minConfidence})`;
  }

  async read(clip: TextClip): Promise<ReaderRun> {
    const indices = sampledIndices(clip, this.input.sampling).flat();
    const decoded = await decodedFrames(clip, indices, this.input.frame);
    const frames = [];
    let cpuMs = 0;
    for (const index of indices) {
      const said = await this.picture(decoded.get(index)!);
      frames.push({ truth: clip.truth.frames[index]!, claims: said.words });
      cpuMs += said.cpuMs;
    }
    return { frames, cpuMs };
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  private async picture({ data, widthPx, heightPx }: Frame): Promise<{ words: ReadText[]; cpuMs: number }> {
    const { mode, enlarged, minConfidence } = this.options;
    const png = await sharp(data, { raw: { width: widthPx, height: heightPx, channels: 3 } })
      .resize(widthPx * enlarged, heightPx * enlarged, { kernel: 'cubic' })
      .png()
      .toBuffer();
    const { out, cpuMs } = await timed(`timeout ${PATIENCE_S} tesseract - - --psm ${mode} -l eng tsv`, png);
    const words = out.split('\n').flatMap((row): ReadText[] => {
      const [level, , , , , , left, top, width, height, confidence, text] = row.split('\t');
      if (level !== '5' || text === undefined || text.trim() === '' || Number(confidence) < minConfidence) return [];
      const [x, y, w, h] = [left, top, width, height].map((value) => Number(value) / enlarged) as [number, number, number, number];
      return [{ text: text.trim(), box: [x, y, x + w, y + h] }];
    });
    return { words, cpuMs };
  }
}

/** Runs a command on one thread; the shell says what its child took. */
function timed(command: string, input: Buffer): Promise<{ out: string; cpuMs: number }> {
  return new Promise((resolve, reject) => {
    const child = spawn('bash', ['-c', `${command} 2>/dev/null; times >&2`], { env: { ...process.env, OMP_THREAD_LIMIT: '1' } });
    let [out, times] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (times += text));
    child.once('error', reject);
    child.once('close', () => {
      const seconds = [...(times.split('\n')[1] ?? '').matchAll(/(\d+)m([\d.]+)s/g)].map(([, m, s]) => Number(m) * 60 + Number(s));
      resolve({ out, cpuMs: 1000 * seconds.reduce((sum, value) => sum + value, 0) });
    });
    child.stdin.end(input);
  });
}
