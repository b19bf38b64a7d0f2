import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { ForkedHostPool } from '../../src/core/analysis/pool/analysis-host-pool.js';
import type { TaskOutcome } from '../../src/core/plugin-api/index.js';
import { startHostPool } from '../support/analysis/host-pool.js';
import { jobFor, segmentClip, type SegmentedStream } from '../support/analysis/segments.js';
import { hasPedestrians, PEDESTRIANS } from '../support/detection/persons.js';
import { FakePluginRegistry } from '../support/fakes/fake-plugin-registry.js';
import { benchPlugins } from './bench-plugins.js';
import { cpuSecondsOf, ownCpuSeconds } from './paired-ratio.js';

const run = promisify(execFile);
const TARGET = 0.3;
/** The gate knows the stream after the first minute; the second is measured. */
const MINUTE_S = 60;
const never = new AbortController().signal;
const WALL = [
  'color=c=gray:size=1280x720:rate=30,trim=end_frame=1',
  "geq=lum='70+X/16+Y/12':cb=128:cr=128",
  'loop=loop=-1:size=1',
  `setpts=N/30/TB,trim=duration=${2 * MINUTE_S}`,
].join();
const CONSTANT = ['-b:v', '2500k', '-minrate', '2500k', '-maxrate', '2500k', '-bufsize', '2500k'];
const CRF = ['-crf', '28'];

interface Scene {
  readonly name: string;
  readonly picture: string;
  readonly rate: readonly string[];
}

/** A wall as a camera sees it, with the noise of its sensor; and as a slide without any. */
const SCENES: readonly Scene[] = [
  { name: 'a camera, crf 28', picture: `${WALL},noise=alls=4:allf=t:all_seed=7`, rate: CRF },
  { name: 'a slide, filled up to a constant 2.5 Mbit/s', picture: WALL, rate: [...CONSTANT, '-x264-params', 'nal-hrd=cbr'] },
  { name: 'a camera, constant 2.5 Mbit/s', picture: `${WALL},noise=alls=4:allf=t:all_seed=7`, rate: CONSTANT },
];

const x264 = (rate: readonly string[], keyframeEvery: number): string[] => [
  ...['-an', '-c:v', 'libx264', '-preset', 'veryfast', '-pix_fmt', 'yuv420p', ...rate],
  ...['-g', String(keyframeEvery), '-keyint_min', String(keyframeEvery), '-sc_threshold', '0'],
];

/**
 * P3: CPU of object detection, 5 frames/s, that waits for motion on a scene without any, against `ffmpeg -threads 1` decoding everything;
 * and on the way how much of what it finds without the gate it finds with it, where people walk.
 */
export async function runP3(): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'vedette-gate-'));
  await mkdir(join(folder, 'data', 'models'), { recursive: true });
  const model = 'nanodet-coco.onnx';
  await copyFile(fileURLToPath(new URL(`../../models/${model}`, import.meta.url)), join(folder, 'data', 'models', model));
  const entry = fileURLToPath(new URL('./bench-host-entry.ts', import.meta.url));
  const pool = startHostPool({ mediaDir: folder, dataDir: join(folder, 'data') }, { entry });
  try {
    const lines: string[] = [];
    for (const scene of SCENES) lines.push(await stillScene(folder, pool, scene));
    lines.push(await peopleWalking(folder, pool));
    return lines;
  } finally {
    await pool.close();
    await rm(folder, { recursive: true, force: true });
  }
}

async function stillScene(folder: string, pool: ForkedHostPool, { name, picture, rate }: Scene): Promise<string> {
  const clip = join(folder, 'still.ts');
  await run('ffmpeg', ['-v', 'error', '-nostdin', '-y', '-f', 'lavfi', '-i', picture, ...x264(rate, 60), clip]);
  const { stderr } = await run('ffmpeg', [
    '-nostdin',
    '-benchmark',
    '-threads',
    '1',
    '-ss',
    String(MINUTE_S),
    '-i',
    clip,
    '-f',
    'null',
    '-',
  ]);
  const [, user, system] = /utime=([\d.]+)s stime=([\d.]+)s/.exec(stderr)!;
  const decodingS = Number(user) + Number(system);
  const stream = await segmentClip(clip, folder);
  const gated = await analyse(pool, stream, 'motion');
  const ungated = await analyse(pool, stream);
  const ratio = gated.secondMinuteCpuS / decodingS;
  return [
    `P3   ${ratio.toFixed(2)} (target ≤ ${TARGET})  ${gated.secondMinuteCpuS.toFixed(2)} ÷ ${decodingS.toFixed(2)} CPU-s per stream-minute  `,
    `Object detection that waits for motion, still scene (${name}): ${gated.skipped} of ${stream.facts.length} segments skipped; `,
    `without the gate ${ungated.secondMinuteCpuS.toFixed(2)}`,
  ].join('');
}

async function peopleWalking(folder: string, pool: ForkedHostPool): Promise<string> {
  if (!hasPedestrians) return 'P3   recall not measured: the clip is not here (Debian: apt-get install opencv-doc)';
  const clip = join(folder, 'pedestrians.ts');
  await run('ffmpeg', ['-v', 'error', '-nostdin', '-i', PEDESTRIANS, ...x264(CRF, 20), clip]);
  const stream = await segmentClip(clip, folder);
  const [gated, ungated] = [await analyse(pool, stream, 'motion'), await analyse(pool, stream)];
  const kept = [...ungated.found].filter((each) => gated.found.has(each)).length;
  return [
    `P3   recall ${(kept / ungated.found.size).toFixed(3)} (target 1.000)  ${kept} of ${ungated.found.size} detections of people walking; `,
    `${gated.skipped} of ${stream.facts.length} segments skipped`,
  ].join('');
}

interface Analysed {
  readonly secondMinuteCpuS: number;
  readonly skipped: number;
  /** Each detection by time, label and place. */
  readonly found: ReadonlySet<string>;
}

/** @param when the gate it waits for */
async function analyse(pool: ForkedHostPool, stream: SegmentedStream, when?: string): Promise<Analysed> {
  const detection = FakePluginRegistry.of(benchPlugins).analyzers.find(({ definition }) => definition.id === 'person-detection')!;
  const found = new Set<string>();
  let [skipped, spentS] = [0, 0];
  for (const sequence of stream.facts.keys()) {
    const job = jobFor(stream, sequence, [detection]);
    const before = spentBy(pool);
    const outcome = await pool.execute({ ...job, tasks: job.tasks.map((task) => ({ ...task, when })) }, never);
    const isMeasured = stream.facts[sequence]!.ptsStartUs - stream.facts[0]!.ptsStartUs >= MINUTE_S * 1e6;
    if (isMeasured) spentS += spentBy(pool) - before;
    skipped += count(outcome.tasks[0]!, found);
  }
  return { secondMinuteCpuS: spentS, skipped, found };
}

function spentBy({ pids: [pid] }: ForkedHostPool): number {
  return (pid === undefined ? 0 : cpuSecondsOf(pid)) + ownCpuSeconds();
}

/** @returns 1 for a segment that was skipped */
function count(task: TaskOutcome, found: Set<string>): number {
  if (task.status === 'skipped') return 1;
  if (task.status !== 'done') throw new Error(`a segment was not done: ${JSON.stringify(task)}`);
  for (const result of task.results) if (result.type === 'detection') found.add(JSON.stringify([result.ptsUs, result.label, result.box]));
  return 0;
}
