import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  MODELS,
  type AnalysisResult,
  type Analyzer,
  type AnalyzerDefinition,
  type JsonValue,
  type Logger,
  type PictureInput,
  type StreamInfo,
  wantsPictures,
} from 'vedette/plugin';
import { OrtModels } from '../../../src/core/inference/ort-models.js';
import { HERE } from './cache-folder.js';
import { decodedFrames, ptsUsOf, sampledIndices, SEGMENT_S } from './clip-frames.js';
import type { Claim } from './evaluate.js';
import type { Appearance } from './exposure.js';
import type { ClipRun, Gallery, Method } from './method.js';
import type { Clip } from './scenes.js';

const MODELS_DIR = join(HERE, '..', '..', '..', 'models');
/** Where models are looked for: what the first lacks comes with the package. */
export const modelFolders = (dir: string | undefined): string[] => [...(dir === undefined ? [] : [dir]), MODELS_DIR];
const say =
  (level: string) =>
  (message: string, facts?: object): void =>
    void process.stderr.write(`${level} ${message} ${JSON.stringify(facts ?? {})}\n`);
const LOGGER: Logger = { debug: () => undefined, info: () => undefined, warn: say('warn'), error: say('error') };

/**
 * Vedette's analyzer as a worker's host would drive it: through its manifest, a clip as one epoch, segments of 2 s, at the
 * sampling and in the shape that it asks for. What it reports is what counts: its detections are its claims.
 */
export class VedetteMethod implements Method {
  /** From here on a detection counts as seen; those below are kept for judging again, and make the rest of the curve here. */
  readonly threshold: number;
  readonly name: string;
  readonly input: PictureInput;
  private readonly config: unknown;

  /**
   * @param changes what differs from the defaults, as an operator would write it
   * @param modelsDir where other models are tried from; what it lacks comes with the package
   */
  constructor(
    private readonly definition: AnalyzerDefinition,
    changes: Readonly<Record<string, unknown>> = {},
    private readonly modelsDir?: string,
    /** Is told, with each segment's end, what the analyzer would carry on with, and what it has reported in the clip so far. */
    private readonly onSegment?: (clip: Clip, checkpoint: JsonValue, results: readonly AnalysisResult[]) => void,
  ) {
    const said = Object.keys(changes).length === 0 ? '' : ` (${JSON.stringify(changes).slice(1, -1).replaceAll('"', '')})`;
    this.name = `Vedette${said}`;
    this.config = definition.config.parse(changes);
    this.threshold = (this.config as { minScore: number }).minScore;
    const input = typeof definition.input === 'function' ? definition.input(this.config) : definition.input;
    if (!wantsPictures(input)) throw new Error(`${definition.id} asks for no pictures`);
    this.input = input;
  }

  async run(clips: readonly Clip[], gallery: Gallery): Promise<readonly ClipRun[]> {
    const dataDir = await mkdtemp(join(tmpdir(), 'vedette-bench-'));
    const analyzer = await this.definition.create(this.config, ...(this.definition.inject ?? []).map((token) => this.provided(token)));
    try {
      await analyzer.init?.({ analyzerId: this.definition.id, logger: LOGGER, dataDir });
      await analyzer.useReferences?.(gallery.set);
      const runs: ClipRun[] = [];
      for (const [i, clip] of clips.entries()) runs.push(await this.clip(analyzer, clip, `clip-${i}`));
      return runs;
    } finally {
      await analyzer.dispose?.();
      await rm(dataDir, { recursive: true });
    }
  }

  private provided(token: unknown): unknown {
    if (token === MODELS) return new OrtModels(modelFolders(this.modelsDir));
    throw new Error(`The benchmark does not provide ${String(token)}`);
  }

  private async clip(analyzer: Analyzer, clip: Clip, name: string): Promise<ClipRun> {
    const { truth } = clip;
    const stream: StreamInfo = {
      streamId: name,
      streamName: name,
      epochId: name,
      widthPx: truth.widthPx,
      heightPx: truth.heightPx,
      codec: 'h264',
    };
    const segments = sampledIndices(clip, this.input.sampling);
    const decoded = await decodedFrames(clip, segments.flat(), this.input.frame);
    const results: AnalysisResult[] = [];
    const emit = (result: AnalysisResult): void => void results.push(result);
    const [startedMs, startedCpu] = [performance.now(), process.cpuUsage()];
    await analyzer.openStream?.(stream);
    for (const [sequence, indices] of segments.entries()) {
      await analyzer.process(
        indices.map((index) => decoded.get(index)!),
        emit,
        new AbortController().signal,
        stream,
      );
      const [ptsStartUs, ptsEndUs] = [
        sequence * SEGMENT_S * 1e6,
        Math.min((sequence + 1) * SEGMENT_S * 1e6, ptsUsOf(truth.frames.length, truth.fps)),
      ];
      const lastOfEpoch = sequence === segments.length - 1;
      await analyzer.endSegment?.({ streamId: name, epochId: name, sequence, ptsStartUs, ptsEndUs, lastOfEpoch }, emit, stream);
      if (this.onSegment !== undefined && analyzer.checkpoint !== undefined) this.onSegment(clip, analyzer.checkpoint(stream), results);
    }
    await analyzer.closeStream?.(stream, emit);
    const { user, system } = process.cpuUsage(startedCpu);
    const wallMs = performance.now() - startedMs;
    const frames = segments.flat().map((index) => ({ index, claims: claimsAt(results, ptsUsOf(index, truth.fps), clip) }));
    return { truth, frames, wallMs, cpuS: (user + system) / 1e6, appearances: appearances(results, truth.frames.length / truth.fps) };
  }
}

function claimsAt(results: readonly AnalysisResult[], ptsUs: number, { truth: { widthPx, heightPx } }: Clip): Claim[] {
  return results.flatMap((result) => {
    if (result.type !== 'detection' || result.ptsUs !== ptsUs) return [];
    const { x, y, width, height } = result.box;
    return [
      {
        brand: result.label,
        score: result.score,
        box: [x * widthPx, y * heightPx, (x + width) * widthPx, (y + height) * heightPx] as const,
      },
    ];
  });
}

/** Appearances from the events' starts and ends; one that is still open ends with the clip, as core would close it. */
export function appearances(results: readonly AnalysisResult[], clipS: number): Appearance[] {
  const open = new Map<string, { brand: string; startS: number }>();
  const closed: Appearance[] = [];
  for (const result of results) {
    if (result.type !== 'event') continue;
    if (result.phase === 'start') open.set(result.key, { brand: brandOf(result.data), startS: result.ptsUs / 1e6 });
    const begun = open.get(result.key);
    if (result.phase !== 'end' || begun === undefined) continue;
    closed.push({ ...begun, endS: result.ptsUs / 1e6 });
    open.delete(result.key);
  }
  return [...closed, ...[...open.values()].map((begun) => ({ ...begun, endS: clipS }))];
}

function brandOf(data: object | undefined): string {
  const named = (data ?? {}) as { label?: unknown; brand?: unknown };
  return String(named.label ?? named.brand ?? '');
}
