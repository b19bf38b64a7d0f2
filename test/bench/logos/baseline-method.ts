import { spawn } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CACHE_DIR, fingerprint, madeOnce, PYTHON_DIR } from './cache-folder.js';
import { sampledIndices } from './clip-frames.js';
import type { Claim } from './evaluate.js';
import type { ClipRun, Gallery, Method } from './method.js';
import { PYTHON, type Clip } from './scenes.js';
import type { Corners } from './truth.js';

/** One threshold for both tracks, between those that were best for each on the val split. */
const BASELINES = {
  sift: { name: 'SIFT + RANSAC', threshold: 6 },
  akaze: { name: 'AKAZE + RANSAC', threshold: 7 },
  orb: { name: 'ORB + RANSAC', threshold: 13 },
  template: { name: 'Template matching', threshold: 0.8 },
} as const;
export type BaselineId = keyof typeof BASELINES;
export const BASELINE_IDS = Object.keys(BASELINES) as BaselineId[];
/** Baselines look at as many frames as the measurements that the product was built on: 2.5 a second. */
const FPS = 2.5;

const SOURCES = ['baselines.py', 'keypoints.py', 'templates.py', 'overlap.py'].map((name) => join(PYTHON_DIR, name));

interface Line {
  readonly frames: readonly {
    readonly index: number;
    readonly wallMs: number;
    readonly detections: readonly [string, number, ...Corners][];
  }[];
  readonly cpuS: number;
}

/** A method of OpenCV, run by Python in one process with one thread. */
export class BaselineMethod implements Method {
  readonly name: string;
  readonly threshold: number;

  constructor(
    private readonly id: BaselineId,
    private readonly fps = FPS,
  ) {
    ({ name: this.name, threshold: this.threshold } = BASELINES[id]);
  }

  async run(clips: readonly Clip[], gallery: Gallery): Promise<readonly ClipRun[]> {
    const runs: ClipRun[] = [];
    for (const clip of clips) {
      const { frames, cpuS } = await this.clip(clip, gallery);
      const wallMs = frames.reduce((sum, frame) => sum + frame.wallMs, 0);
      const claims = frames.map(({ index, detections }) => ({ index, claims: detections.map(claimOf) }));
      runs.push({ truth: clip.truth, frames: claims, wallMs, cpuS });
    }
    return runs;
  }

  /** What a method of OpenCV finds in a clip does not change: it is kept, with what it cost when it was reckoned. */
  private async clip(clip: Clip, gallery: Gallery): Promise<Line> {
    const job = JSON.stringify({
      method: this.id,
      references: gallery.folder,
      brands: gallery.set.images.map(({ label }) => label),
      clips: [{ path: clip.file, frames: sampledIndices(clip, { fps: this.fps }).flat() }],
    });
    const folder = await madeOnce(join(CACHE_DIR, `${this.id}-${fingerprint(SOURCES, job)}`), async (unfinished) => {
      await writeFile(join(unfinished, 'line.json'), await answered(join(PYTHON_DIR, 'baselines.py'), job));
    });
    return JSON.parse(await readFile(join(folder, 'line.json'), 'utf8')) as Line;
  }
}

const claimOf = ([brand, score, ...box]: readonly [string, number, ...Corners]): Claim => ({ brand, score, box });

function answered(script: string, input: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1' };
    const child = spawn(PYTHON, [script], { stdio: ['pipe', 'pipe', 'inherit'], env });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
    child.stdin.end(input);
    child.once('error', reject);
    child.once('close', (code) => (code === 0 ? resolve(output) : reject(new Error(`${script} ended with ${code}`))));
  });
}
