import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { Box, type DetectionResult } from '../../src/core/plugin-api/index.js';
import { makeBarcodeClip } from '../../src/core/plugin-testing/index.js';
import { FakePluginRegistry } from '../support/fakes/fake-plugin-registry.js';
import { startHostPool } from '../support/analysis/host-pool.js';
import { jobFor, segmentClip } from '../support/analysis/segments.js';
import { benchPlugins } from './bench-plugins.js';

const run = promisify(execFile);
const here = (file: string): string => fileURLToPath(new URL(file, import.meta.url));
const SIDE = 320;
const AREA = SIDE * SIDE;
/** 16:9 letterboxed into the square. */
const FIT = { frameWidthPx: SIDE, frameHeightPx: SIDE, offsetXPx: 0, offsetYPx: 70, contentWidthPx: SIDE, contentHeightPx: 180 };
const FPS = 25;
const FRAMES = 500;
const ANALYSED_FPS = 5;
const CLASSES = ['red', 'green', 'blue'];
const MIN_SCORE = 0.4;
const LEAST_IOU = 0.99;
const MOST_SCORE_DIFFERENCE = 1e-3;

export interface FidelityReport {
  readonly id: 'P17';
  readonly title: string;
  /** Share of detections, on either side, that the other side has too: same frame, class, place and score. */
  readonly ratio: number;
  readonly target: 1;
  readonly compared: number;
  readonly framesCompared: number;
}

type Found = Pick<DetectionResult, 'label' | 'score' | 'box'>;

/**
 * P17: detections of segmented, planned, pooled analysis against a bare loop: ffmpeg decodes the uncut clip, onnxruntime runs
 * the model frame by frame.
 */
export async function runP17(): Promise<FidelityReport> {
  const folder = await mkdtemp(join(tmpdir(), 'vedette-fidelity-'));
  try {
    const models = join(folder, 'data', 'models');
    await mkdir(models, { recursive: true });
    await copyFile(here('../../models/demo-shapes.onnx'), join(models, 'demo-shapes.onnx'));
    const clip = join(folder, 'clip.ts');
    await makeBarcodeClip(clip, { frames: FRAMES, fps: FPS, widthPx: 1280, heightPx: 720, gop: 50, bframes: 2, audio: true });
    const ours = await pipelineDetections(folder, clip);
    const bare = await bareDetections(clip, join(models, 'demo-shapes.onnx'), [...ours.keys()]);
    // The rectangle is in every frame: one that is not there was not looked at, or not found.
    let [same, compared] = [0, Math.max(0, (FRAMES * ANALYSED_FPS) / FPS - ours.size)];
    for (const [index, found] of ours) {
      const expected = bare.get(index) ?? [];
      compared += Math.max(found.length, expected.length);
      same += found.filter((each) => expected.some((other) => isSame(each, other))).length;
    }
    return {
      id: 'P17',
      title: 'Detections as a bare loop gives them',
      ratio: compared === 0 ? 0 : same / compared,
      target: 1,
      compared,
      framesCompared: ours.size,
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Ours, by frame number; frames that were looked at and hold nothing are there with nothing. */
async function pipelineDetections(folder: string, clip: string): Promise<Map<number, Found[]>> {
  const pool = startHostPool({ mediaDir: folder, dataDir: join(folder, 'data') }, { entry: here('./bench-host-entry.ts') });
  try {
    const analyzer = FakePluginRegistry.of(benchPlugins).analyzers.find(({ definition }) => definition.id === 'shape-detection')!;
    const stream = await segmentClip(clip, folder);
    const origin = stream.facts[0]!.ptsStartUs;
    const byFrame = new Map<number, Found[]>();
    for (const sequence of stream.facts.keys()) {
      const { tasks } = await pool.execute(jobFor(stream, sequence, [analyzer]), new AbortController().signal);
      const [task] = tasks;
      if (task?.status !== 'done') throw new Error(`segment ${sequence} was not done: ${JSON.stringify(task)}`);
      for (const found of task.results as DetectionResult[]) {
        const index = Math.round(((found.ptsUs - origin) * FPS) / 1_000_000);
        byFrame.set(index, [...(byFrame.get(index) ?? []), found]);
      }
    }
    return byFrame;
  } finally {
    await pool.close();
  }
}

async function bareDetections(clip: string, model: string, indices: readonly number[]): Promise<Map<number, Found[]>> {
  const wanted = [...indices].sort((a, b) => a - b);
  const select = wanted.map((index) => `eq(n,${index})`).join('+');
  const filters = `select='${select}',scale=320:180:flags=fast_bilinear,format=rgb24,pad=320:320:0:70:0x727272`;
  const { stdout } = await run(
    'ffmpeg',
    ['-v', 'error', '-nostdin', '-i', clip, '-vf', filters, '-vsync', 'passthrough', '-pix_fmt', 'rgb24', '-f', 'rawvideo', '-'],
    { encoding: 'buffer', maxBuffer: 2 ** 30 },
  );
  const session = await InferenceSession.create(model, { executionProviders: ['cpu'], intraOpNumThreads: 1 });
  const byFrame = new Map<number, Found[]>();
  for (const [i, index] of wanted.entries()) {
    const pixels = stdout.subarray(i * 3 * AREA, (i + 1) * 3 * AREA);
    const planes = new Float32Array(3 * AREA);
    for (let at = 0; at < AREA; at++)
      for (let channel = 0; channel < 3; channel++) planes[channel * AREA + at] = pixels[at * 3 + channel]! / 255;
    const { output0 } = await session.run({ images: new Tensor('float32', planes, [1, 3, SIDE, SIDE]) });
    byFrame.set(index, bareBoxes(output0!.data as Float32Array));
  }
  return byFrame;
}

/** Three candidates, one per class: centre and size, then the score of each class. */
function bareBoxes(output: Float32Array): Found[] {
  const value = (row: number, candidate: number): number => output[row * CLASSES.length + candidate]!;
  return CLASSES.flatMap((label, candidate) => {
    const score = value(4 + candidate, candidate);
    const box = Box.fromInputCentrePx(value(0, candidate), value(1, candidate), value(2, candidate), value(3, candidate), FIT);
    return score >= MIN_SCORE ? [{ label, score, box }] : [];
  });
}

const isSame = (a: Found, b: Found): boolean =>
  a.label === b.label && Box.iou(a.box, b.box) >= LEAST_IOU && Math.abs(a.score - b.score) <= MOST_SCORE_DIFFERENCE;
