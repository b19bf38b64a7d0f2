import { execFile, fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { ForkedHostPool } from '../../src/core/analysis/pool/analysis-host-pool.js';
import type { AnalysisResult, Checkpoint } from '../../src/core/plugin-api/index.js';
import type { RegisteredAnalyzer } from '../../src/core/plugin-host/plugin-registry.js';
import { FakePluginRegistry } from '../support/fakes/fake-plugin-registry.js';
import { FROM_SOURCE, startHostPool } from '../support/analysis/host-pool.js';
import { jobFor, segmentClip, type SegmentedStream } from '../support/analysis/segments.js';
import { benchModel } from './bench-model.js';
import { benchPlugins } from './bench-plugins.js';
import { cpuSecondsOf, ownCpuSeconds } from './paired-ratio.js';

const run = promisify(execFile);
const here = (file: string): string => fileURLToPath(new URL(file, import.meta.url));
const never = new AbortController().signal;

/** One minute, so that CPU-seconds are per stream-minute as they come. */
const CLIP_SECONDS = 60;
/** Moves as a camera does, with the noise of one. */
const PICTURE = `testsrc2=s=1280x720:r=30:d=${CLIP_SECONDS},noise=alls=4:allf=t`;
const BITRATE = '2500k';

/** How ffmpeg picks the frames of a floor. */
export type FloorPick = 'fps=5' | 'keyframes';

/** A clip in segments, a real host that analyses them, and the bare tools to hold it against. */
export class AnalysisBench {
  readonly analyzers: readonly RegisteredAnalyzer[] = FakePluginRegistry.of(benchPlugins).analyzers;
  private readonly bare: ChildProcess[] = [];

  private constructor(
    private readonly folder: string,
    private readonly stream: SegmentedStream,
    private readonly pool: ForkedHostPool,
  ) {}

  static async create(): Promise<AnalysisBench> {
    const folder = await mkdtemp(join(tmpdir(), 'vedette-bench-'));
    const models = join(folder, 'data', 'models');
    await mkdir(models, { recursive: true });
    await writeFile(join(models, 'bench.onnx'), benchModel());
    await copyFile(join(models, 'bench.onnx'), join(models, 'bench-second.onnx'));
    await copyFile(here('../../models/demo-shapes.onnx'), join(models, 'demo-shapes.onnx'));
    const encode = [
      '-c:v',
      'libx264',
      '-preset',
      'veryfast',
      '-b:v',
      BITRATE,
      '-g',
      '60',
      '-keyint_min',
      '60',
      '-sc_threshold',
      '0',
      '-pix_fmt',
      'yuv420p',
    ];
    await run('ffmpeg', ['-v', 'error', '-nostdin', '-f', 'lavfi', '-i', PICTURE, ...encode, join(folder, 'clip.ts')]);
    const stream = await segmentClip(join(folder, 'clip.ts'), folder);
    const pool = startHostPool({ mediaDir: folder, dataDir: join(folder, 'data') }, { entry: here('./bench-host-entry.ts') });
    return new AnalysisBench(folder, stream, pool);
  }

  analyzer(id: string): RegisteredAnalyzer {
    const found = this.analyzers.find(({ definition }) => definition.id === id);
    if (found === undefined) throw new Error(`no analyzer ${id}`);
    return found;
  }

  /** The clip that is analysed, one minute of 720p30. */
  get clip(): string {
    return join(this.folder, 'clip.ts');
  }

  get model(): string {
    return join(this.folder, 'data', 'models', 'bench.onnx');
  }

  /** CPU-seconds of the host and of this process for the whole clip; every run must be done. */
  async ours(...analyzers: readonly RegisteredAnalyzer[]): Promise<number> {
    await this.analyse(0, analyzers);
    const [pid] = this.pool.pids;
    if (pid === undefined) throw new Error('the host is gone');
    const before = cpuSecondsOf(pid) + ownCpuSeconds();
    for (const sequence of this.stream.facts.keys()) await this.analyse(sequence, analyzers);
    return cpuSecondsOf(pid) + ownCpuSeconds() - before;
  }

  async analyse(
    sequence: number,
    analyzers: readonly RegisteredAnalyzer[],
    checkpoints: Record<string, Checkpoint> = {},
  ): Promise<readonly AnalysisResult[]> {
    const outcome = await this.pool.execute(jobFor(this.stream, sequence, analyzers, { checkpoints }), never);
    return outcome.tasks.flatMap((task) => {
      if (task.status !== 'done') throw new Error(`segment ${sequence} was not done: ${JSON.stringify(task)}`);
      return [...task.results];
    });
  }

  /** CPU-seconds of one ffmpeg with one thread that decodes the clip and scales the picked frames. */
  async decodeFloor(pick: FloorPick): Promise<number> {
    const { stderr } = await run('ffmpeg', ['-benchmark', ...this.floorArguments(pick, 'scale=320:180:flags=fast_bilinear'), '/dev/null']);
    const [, user, system] = /utime=([\d.]+)s stime=([\d.]+)s/.exec(stderr) ?? [];
    if (user === undefined || system === undefined) throw new Error(`ffmpeg told no times: ${stderr}`);
    return Number(user) + Number(system);
  }

  /** A loop that runs the model on the frames which that ffmpeg gives, and nothing else. */
  async inferenceFloor(pick: FloorPick): Promise<() => Promise<number>> {
    const frames = join(this.folder, `frames-${pick}.rgb`);
    await run('ffmpeg', [...this.floorArguments(pick, 'scale=320:180:flags=fast_bilinear,pad=320:320:0:70:0x727272'), frames]);
    const child = fork(here('./bare-inference.ts'), [join(this.folder, 'data/models/bench.onnx'), frames], { execArgv: [...FROM_SOURCE] });
    this.bare.push(child);
    await once(child, 'message');
    return async () => {
      child.send('go');
      const [cpuS] = (await once(child, 'message')) as [number];
      return cpuS;
    };
  }

  async close(): Promise<void> {
    for (const child of this.bare) child.disconnect();
    await this.pool.close();
    await rm(this.folder, { recursive: true, force: true });
  }

  private floorArguments(pick: FloorPick, filters: string): string[] {
    const skip = pick === 'keyframes' ? ['-skip_frame', 'nokey'] : [];
    const rate = pick === 'keyframes' ? [] : ['fps=5'];
    return [
      ...['-nostdin', '-y', '-threads', '1', ...skip, '-i', this.clip, '-filter_threads', '1'],
      ...['-vf', [...rate, filters].join(','), '-vsync', 'passthrough', '-pix_fmt', 'rgb24', '-f', 'rawvideo'],
    ];
  }
}
