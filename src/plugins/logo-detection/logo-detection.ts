import {
  perStream,
  type Analyzer,
  type AnalyzerContext,
  type JsonValue,
  type Logger,
  type Models,
  type ReferenceSet,
  type StreamCourse,
  type StreamInfo,
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
class LogoDetection implements Pick<Analyzer, 'init' | 'useReferences' | 'dispose'> {
  private index = EMPTY_INDEX;
  private net: LogoNet | undefined;
  private indexer: ReferenceIndexer | undefined;
  private parts: WatchParts | undefined;
  /** A set that came before the network was open. */
  private early: ReferenceSet | undefined;

  constructor(
    private readonly config: LogoDetectionConfig,
    private readonly models: Models,
  ) {}

  /** @throws VD_MODEL_*, VD_LOGO_UNFIT_NETWORK */
  async init({ logger }: Pick<AnalyzerContext, 'logger'> & { readonly logger: Logger }): Promise<void> {
    const { config } = this;
    const net = await LogoNet.open(this.models, config.featuresModel, config.correlationModel);
    const search = new FullSearch(net, { ...config, maxPerLook: config.maxPerReference });
    this.net = net;
    this.indexer = new ReferenceIndexer(net, logger, config.maxReferences);
    const verifier = new Verifier(net);
    this.parts = { config, search, verifier, follower: new Follower(search, verifier) };
    if (this.early !== undefined) await this.useReferences(this.early);
  }

  async useReferences(set: ReferenceSet): Promise<void> {
    if (this.indexer === undefined) this.early = set;
    else this.index = await this.indexer.index(set);
  }

  /** What one stream is watched by, always with the newest references. */
  watch(stream: StreamInfo, checkpoint?: JsonValue): StreamCourse {
    if (this.parts === undefined) throw new Error('openStream() came before init()');
    const watch = new StreamWatch(this.parts, stream.epochId, checkpoint);
    return {
      frame: (frame, emit) => watch.frame(frame, this.index, emit),
      endSegment: (segment, emit) => watch.endSegment(segment, this.index, emit),
      interrupt: (emit) => watch.interrupt(this.index, emit),
      checkpoint: () => watch.checkpoint(),
    };
  }

  async dispose(): Promise<void> {
    await this.net?.dispose();
    this.net = undefined;
  }
}

export function logoDetection(config: LogoDetectionConfig, models: Models): Analyzer {
  const detection = new LogoDetection(config, models);
  return {
    ...perStream((stream, checkpoint) => detection.watch(stream, checkpoint)),
    init: (context) => detection.init(context),
    useReferences: (set) => detection.useReferences(set),
    dispose: () => detection.dispose(),
  };
}
