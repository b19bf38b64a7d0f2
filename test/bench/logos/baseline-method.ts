import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { PYTHON_DIR } from './cache-folder.js';
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
    const job = {
      method: this.id,
      references: gallery.folder,
      brands: gallery.set.images.map(({ label }) => label),
      clips: clips.map((clip) => ({ path: clip.file, frames: sampledIndices(clip, { fps: this.fps }).flat() })),
    };
    const lines = (await answered(join(PYTHON_DIR, 'baselines.py'), JSON.stringify(job))).trim().split('\n');
    return clips.map(({ truth }, i) => {
      const { frames, cpuS } = JSON.parse(lines[i] ?? '') as Line;
      const wallMs = frames.reduce((sum, frame) => sum + frame.wallMs, 0);
      return { truth, frames: frames.map(({ index, detections }) => ({ index, claims: detections.map(claimOf) })), wallMs, cpuS };
    });
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
