import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type {
  AnalysisResult,
  Analyzer,
  AnalyzerDefinition,
  AudioBlock,
  Emit,
  Frame,
  JsonValue,
  ReferenceSet,
  StreamInfo,
} from '../plugin-api/index.js';

/** What an analyzer is given at once: sound, frames, or both. */
export interface Shown {
  readonly blocks: readonly AudioBlock[];
  readonly frames: readonly Frame[];
}

const never = new AbortController().signal;

export const streamNamed = (name: string): StreamInfo => ({
  streamId: name,
  streamName: name,
  epochId: `${name}-epoch`,
  widthPx: 1280,
  heightPx: 720,
  codec: 'h264',
});

/** The pts at which the media ends that was shown. */
export function endOf({ blocks, frames }: Shown): number {
  const sound = blocks.map(({ ptsUs, sampleCount, sampleRateHz }) => ptsUs + Math.round((sampleCount * 1_000_000) / sampleRateHz));
  return Math.max(0, ...sound, ...frames.map(({ ptsUs }) => ptsUs));
}

/** Makes an analyzer as core would, and lets it go. */
export class AnalyzerSessions {
  constructor(
    private readonly definition: AnalyzerDefinition,
    private readonly config: unknown,
    private readonly injected: readonly unknown[],
    private readonly references?: ReferenceSet,
  ) {}

  async use<T>(work: (session: AnalyzerSession) => Promise<T>): Promise<T> {
    const { id, references: kind } = this.definition;
    const dataDir = await mkdtemp(join(tmpdir(), 'vedette-analyzer-'));
    const analyzer = await this.definition.create(this.config, ...this.injected);
    const quiet = (): void => undefined;
    try {
      await analyzer.init?.({ analyzerId: id, dataDir, logger: { debug: quiet, info: quiet, warn: quiet, error: quiet } });
      if (kind !== undefined) await analyzer.useReferences?.(this.references ?? { kind, revision: 0, images: [] });
      return await work(new AnalyzerSession(analyzer));
    } finally {
      await analyzer.dispose?.();
      await rm(dataDir, { recursive: true, force: true });
    }
  }
}

/** Calls an analyzer in the order that core does. */
export class AnalyzerSession {
  constructor(readonly analyzer: Analyzer) {}

  /** @param segments each shown in one or more batches */
  async watch(stream: StreamInfo, segments: readonly (readonly Shown[])[], between?: () => void): Promise<AnalysisResult[]> {
    const results: AnalysisResult[] = [];
    await this.open(stream);
    for (const [sequence, batches] of segments.entries()) await this.segment(stream, batches, sequence, results, between);
    await this.close(stream, results);
    return results;
  }

  async open(stream: StreamInfo, checkpoint?: JsonValue): Promise<void> {
    await this.analyzer.openStream?.(stream, checkpoint);
  }

  async segment(
    stream: StreamInfo,
    batches: readonly Shown[],
    sequence: number,
    results: AnalysisResult[],
    between: () => void = () => undefined,
  ): Promise<void> {
    for (const batch of batches) {
      await this.show(stream, batch, results);
      between();
    }
    await this.endSegment(stream, batches, sequence, results);
  }

  async show(stream: StreamInfo, { blocks, frames }: Shown, results: AnalysisResult[]): Promise<void> {
    const emit: Emit = (result) => void results.push(result);
    if (blocks.length > 0) await this.analyzer.processAudio?.(blocks, emit, never, stream);
    if (frames.length > 0) await this.analyzer.process(frames, emit, never, stream);
  }

  async endSegment(stream: StreamInfo, batches: readonly Shown[], sequence: number, results: AnalysisResult[]): Promise<void> {
    const times = batches.flatMap(({ blocks, frames }) => [...blocks, ...frames].map(({ ptsUs }) => ptsUs));
    const { streamId, epochId } = stream;
    const segment = { streamId, epochId, sequence, ptsStartUs: Math.min(...times), ptsEndUs: Math.max(...times) };
    await this.analyzer.endSegment?.(segment, (result) => void results.push(result), stream);
  }

  async close(stream: StreamInfo, results: AnalysisResult[]): Promise<void> {
    await this.analyzer.closeStream?.(stream, (result) => void results.push(result));
  }
}
