import type { AnalysisResult, Analyzer, AnalyzerDefinition, PictureInput, StreamInfo } from 'vedette/plugin';
import { OrtModels } from '../../../src/core/inference/ort-models.js';
import textPlugin from '../../../src/plugins/text-detection/index.js';
import { decodedFrames, ptsUsOf, sampledIndices, SEGMENT_S } from '../logos/clip-frames.js';
import type { Reader, ReaderRun } from './readers.js';
import type { ReadText, TextClip, TextTruth } from './truth.js';

/** The analyzer as an analysis host would drive it; what its events say to be there at a frame is what it says of that frame. */
export class VedetteReader implements Reader {
  private constructor(
    readonly name: string,
    readonly input: PictureInput,
    private readonly analyzer: Analyzer,
  ) {}

  static async open(changes: Readonly<Record<string, unknown>> = {}): Promise<VedetteReader> {
    const definition: AnalyzerDefinition = textPlugin.analyzers![0]!;
    const config: unknown = definition.config.parse(changes);
    const input = (definition.input as (config: unknown) => PictureInput)(config);
    const analyzer = await definition.create(config, new OrtModels([]));
    await analyzer.init?.({ analyzerId: definition.id, dataDir: '.', logger: console });
    const said = Object.keys(changes).length === 0 ? '' : ` ${JSON.stringify(changes).replaceAll('"', '')}`;
    return new VedetteReader(`Vedette${said}`, input, analyzer);
  }

  async read(clip: TextClip): Promise<ReaderRun> {
    const { truth, file: streamId } = clip;
    const stream: StreamInfo = { streamId, streamName: streamId, epochId: streamId, ...truth, codec: 'h264' };
    const segments = sampledIndices(clip, this.input.sampling);
    const decoded = await decodedFrames(clip, segments.flat(), this.input.frame);
    const results: AnalysisResult[] = [];
    const emit = (result: AnalysisResult): void => void results.push(result);
    const before = process.cpuUsage();
    await this.analyzer.openStream?.(stream);
    for (const [sequence, indices] of segments.entries()) {
      const frames = indices.map((index) => decoded.get(index)!);
      await this.analyzer.process(frames, emit, new AbortController().signal, stream);
      const [ptsStartUs, ptsEndUs] = [sequence * SEGMENT_S * 1e6, (sequence + 1) * SEGMENT_S * 1e6];
      await this.analyzer.endSegment?.({ streamId, epochId: streamId, sequence, ptsStartUs, ptsEndUs }, emit, stream);
    }
    const lastUs = ptsUsOf(segments.flat().at(-1)!, truth.fps);
    // What ends because the clip does was there to the last.
    await this.analyzer.closeStream?.(stream, (result) => result.ptsUs < lastUs && emit(result));
    const { user, system } = process.cpuUsage(before);
    const frames = segments
      .flat()
      .map((index) => ({ truth: truth.frames[index]!, claims: linesAt(results, ptsUsOf(index, truth.fps), truth) }));
    return { frames, cpuMs: (user + system) / 1000 };
  }

  async close(): Promise<void> {
    await this.analyzer.dispose?.();
  }
}

/** Events that have started and not ended, with what they said last. */
function linesAt(results: readonly AnalysisResult[], ptsUs: number, { widthPx, heightPx }: TextTruth): ReadText[] {
  const open = new Map<string, ReadText>();
  for (const result of results) {
    if (result.type !== 'event' || result.name !== 'text' || result.ptsUs > ptsUs) continue;
    if (result.phase === 'end') open.delete(result.key);
    else {
      const { text, box } = result.data as unknown as { text: string; box: { x: number; y: number; width: number; height: number } };
      const [x, y] = [box.x * widthPx, box.y * heightPx];
      open.set(result.key, { text, box: [x, y, x + box.width * widthPx, y + box.height * heightPx] });
    }
  }
  return [...open.values()];
}
