import type {
  Analyzer,
  AnalyzerContext,
  Emit,
  Frame,
  JsonValue,
  Logger,
  Models,
  PtsUs,
  ReferenceSet,
  SegmentInfo,
  StreamInfo,
} from 'vedette/plugin';
import type { LogoDetectionConfig } from './config.js';
import { Follower } from './following.js';
import { FullSearch } from './full-search.js';
import { LogoNet } from './logo-net.js';
import { EMPTY_INDEX, ReferenceIndexer } from './reference-index.js';
import { StreamWatch, type WatchParts } from './stream-watch.js';
import { Verifier } from './verification.js';

/**
 * Finds the brands of its reference images: a `detection` per logo and sampled frame, an event `logo` per appearance.
 *
 * Everything is looked for by learned correlation on some frames, and followed on those between; each find is confirmed by
 * laying the reference onto the picture. See docs/reference/analyzers/logo-detection.md.
 */
export class LogoDetection implements Analyzer {
  readonly #watches = new Map<string, StreamWatch>();
  #index = EMPTY_INDEX;
  #net: LogoNet | undefined;
  #indexer: ReferenceIndexer | undefined;
  #parts: WatchParts | undefined;
  /** A set that came before the network was open. */
  #early: ReferenceSet | undefined;

  constructor(
    private readonly config: LogoDetectionConfig,
    private readonly models: Models,
  ) {}

  /** @throws VD_MODEL_*, VD_LOGO_UNFIT_NETWORK */
  async init({ logger }: Pick<AnalyzerContext, 'logger'> & { readonly logger: Logger }): Promise<void> {
    const { config } = this;
    const net = await LogoNet.open(this.models, config.featuresModel, config.correlationModel);
    const search = new FullSearch(net, { ...config, maxPerLook: config.maxPerReference });
    this.#net = net;
    this.#indexer = new ReferenceIndexer(net, logger, config.maxReferences);
    const verifier = new Verifier(net);
    this.#parts = { config, search, verifier, follower: new Follower(search, verifier) };
    if (this.#early !== undefined) await this.useReferences(this.#early);
  }

  async useReferences(set: ReferenceSet): Promise<void> {
    if (this.#indexer === undefined) this.#early = set;
    else this.#index = await this.#indexer.index(set);
  }

  openStream(stream: StreamInfo, checkpoint?: JsonValue): void {
    if (this.#parts === undefined) throw new Error('openStream() came before init()');
    this.#watches.set(stream.streamId, new StreamWatch(this.#parts, stream.epochId, checkpoint));
  }

  async process(frames: readonly Frame[], emit: Emit, signal: AbortSignal, stream: StreamInfo): Promise<void> {
    const watch = this.#watch(stream);
    for (const frame of frames) {
      signal.throwIfAborted();
      await watch.frame(frame, this.#index, emit);
    }
  }

  async endSegment(segment: SegmentInfo, emit: Emit, stream: StreamInfo): Promise<void> {
    await this.#watch(stream).endSegment(segment, this.#index, emit);
  }

  async gap(_fromPtsUs: PtsUs, _toPtsUs: PtsUs, emit: Emit, stream: StreamInfo): Promise<void> {
    await this.#watch(stream).interrupt(this.#index, emit);
  }

  checkpoint(stream: StreamInfo): JsonValue {
    return this.#watch(stream).checkpoint();
  }

  async closeStream(stream: StreamInfo, emit: Emit): Promise<void> {
    await this.#watches.get(stream.streamId)?.interrupt(this.#index, emit);
    this.#watches.delete(stream.streamId);
  }

  async dispose(): Promise<void> {
    await this.#net?.dispose();
    this.#net = undefined;
  }

  #watch(stream: StreamInfo): StreamWatch {
    const watch = this.#watches.get(stream.streamId);
    if (watch === undefined) throw new Error(`Stream ${stream.streamId} was not opened`);
    return watch;
  }
}
