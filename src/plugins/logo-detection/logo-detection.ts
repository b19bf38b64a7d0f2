import {
  perStream,
  type Analyzer,
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
  private readonly net: LogoNet;
  private readonly parts: WatchParts;
  private indexer: ReferenceIndexer | undefined;
  /** A set that came before {@link init}. */
  private early: ReferenceSet | undefined;

  constructor(
    private readonly config: LogoDetectionConfig,
    models: Models,
  ) {
    this.net = new LogoNet(models, config.featuresModel, config.correlationModel);
    const search = new FullSearch(this.net, { ...config, maxPerLook: config.maxPerReference });
    const verifier = new Verifier(this.net);
    this.parts = { config, search, verifier, follower: new Follower(search, verifier) };
  }

  /** @throws VD_MODEL_* where references are there already */
  async init({ logger }: { readonly logger: Logger }): Promise<void> {
    this.indexer = new ReferenceIndexer(this.net, logger, this.config.maxReferences);
    if (this.early !== undefined) await this.useReferences(this.early);
  }

  /** @throws VD_MODEL_*, with the first reference */
  async useReferences(set: ReferenceSet): Promise<void> {
    if (this.indexer === undefined) {
      this.early = set;
      return;
    }
    if (set.images.length > 0) await this.net.open();
    this.index = await this.indexer.index(set);
    this.parts.verifier.lookFor(this.index.looks.length);
    if (set.images.length === 0) await this.net.close();
  }

  /** What one stream is watched by, always with the newest references. */
  watch(stream: StreamInfo, checkpoint?: JsonValue): StreamCourse {
    const watch = new StreamWatch(this.parts, stream.epochId, checkpoint);
    return {
      frame: (frame, emit) => watch.frame(frame, this.index, emit),
      endSegment: (segment, emit) => watch.endSegment(segment, this.index, emit),
      interrupt: (emit) => watch.interrupt(this.index, emit),
      checkpoint: () => watch.checkpoint(),
    };
  }

  dispose(): Promise<void> {
    return this.net.close();
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
