import { Inject, Injectable, Optional } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import { doneWithin } from '../runtime/within.js';
import { exhaustedLimit } from '../errors/exhausted-limit.js';
import { ingestError } from '../errors/ingest.errors.js';
import { EpochFolder } from '../media/epoch-folder.js';
import { RecordingGuard } from '../media/recording-guard.js';
import { loggerOf } from '../observability/component-logger.js';
import { Packager, type PackagerProgress, type SegmentsRequest } from '../media/packaging/packager.js';
import { TakenJournals } from '../media/packaging/segments/taken-journals.js';
import { SegmentWatcher } from '../media/watcher/segment-watcher.js';
import { PartsAnnouncer } from '../persistence/notify/parts-announcer.js';
import type { LiveReport } from '../persistence/streams/live-measure-store.js';
import { IngestLedger, type ProbedSegment } from '../persistence/ledger/ingest-ledger.js';
import type { EpochOpening, FrameLoss, Logger, PtsUs, TakenFiles } from '../plugin-api/index.js';
import type { LiveMeasures } from '../health/stream-measures.js';
import type { LiveLimits } from './live-health.js';
import { EpochRates } from './epoch-rates.js';
import { EpochSpans } from './epoch-spans.js';
import { LiveEpoch } from './live-epoch.js';
import { errorText } from '../plugin-api/error.js';

/** Nest token of {@link EpochOptions}. */
export const EPOCH_OPTIONS = Symbol.for('vedette.epoch-options');

export interface EpochOptions {
  readonly mediaDir: string;
  /** Whoever follows a live stream is told of the parts of its open segment. */
  readonly isLowLatency?: boolean;
  /** As `packaging.fsync: segment`. */
  readonly isSynced?: boolean;
  /** By what epochs are judged while they go on. */
  readonly limits: LiveLimits;
}

const SUPERSEDE_WAIT_MS = 1000;

/** Which epoch media is put into, and from where on. */
interface Place {
  readonly epochId: string;
  readonly startedAtMs: number;
  readonly goesOn?: { readonly sequence: number; readonly atUs: PtsUs } | undefined;
}

/** Hears how an epoch goes. */
export interface EpochObserver {
  /** Media first came out of the packager. */
  flowing(): void;
  segment(segment: ProbedSegment): void;
  /** The packager took more media in. */
  progress(progress: PackagerProgress): void;
  /** What it heard, as health is judged by it. */
  readonly measures: LiveMeasures;
}

/**
 * Starts epochs: folder, packager, watcher. The database may be away: the media is packaged and the ledger gets to know of
 * it later, in the order the epochs began.
 */
@Injectable()
export class EpochOpener {
  private readonly live = new Map<string, LiveEpoch>();
  private readonly observers = new WeakMap<LiveEpoch, EpochObserver>();
  private readonly settling = new Set<Promise<void>>();
  private readonly rates = new EpochRates();
  private readonly spans = new EpochSpans();
  private readonly taken: TakenJournals;
  private closed = false;

  constructor(
    @Inject(EPOCH_OPTIONS) private readonly options: EpochOptions,
    private readonly packager: Packager,
    private readonly watcher: SegmentWatcher,
    @Inject(loggerOf('streams')) private readonly logger: Logger,
    @Optional() private readonly guard?: RecordingGuard,
    @Optional() private readonly announcer?: PartsAnnouncer,
    @Optional() @Inject(IngestLedger) private readonly ledger?: Pick<IngestLedger, 'epoch'>,
  ) {
    this.taken = new TakenJournals(options.mediaDir, options.isSynced ?? false);
    guard?.onStop(() => {
      for (const epoch of this.live.values()) void epoch.letGo('disk-full');
    });
  }

  /**
   * A stream has one live epoch: those before are ended as superseded.
   * @throws VD_INGEST_STOPPING, VD_INGEST_DISK_FULL, VD_INGEST_EPOCHS_TOO_MANY, VD_INGEST_MEDIA_UNWRITABLE
   */
  async open(stream: { id: string; name: string }, opening: EpochOpening, observer: EpochObserver): Promise<LiveEpoch> {
    this.refuseWhenClosed();
    this.refuseWithoutRoom(stream.id);
    await this.supersede(stream.id);
    const { input, recorded } = opening;
    if (recorded === undefined) this.rates.opens(stream.id);
    const { packager, watcher, logger } = this;
    const { epochId, startedAtMs, goesOn } = await this.placeOf(stream.id, opening);
    const folder = new EpochFolder(this.options.mediaDir, stream.id, epochId);
    const isHandedOver = packager.handsOver(input);
    const announcer = isHandedOver && this.options.isLowLatency === true ? this.announcer : undefined;
    const taken = input.kind === 'segments' ? await this.taken.of(stream.id) : undefined;
    const span = this.spans.begin(stream.id, Math.max(startedAtMs, taken?.endsAtMs ?? 0), recorded !== undefined);
    try {
      await watcher.watch({
        ...{ epochId, stream, startedAtMs: span.startedAtMs, folder, isHandedOver },
        ...{ isRead: taken !== undefined, isRecorded: recorded !== undefined, announcesParts: announcer !== undefined },
        registered: (segment) => observer.segment(segment),
      });
    } catch (error) {
      throw ingestError('VD_INGEST_MEDIA_UNWRITABLE', `${folder.path}: ${errorText(error)}`, { cause: error, ...fixFor(error) });
    }
    const segments: SegmentsRequest | undefined = taken && {
      ...{ taken, startedAtMs: span.startedAtMs },
      found: (segment, durationUs) => {
        if ('facts' in segment.reading) span.reached(segment.reading.facts.ptsStartUs, segment.reading.facts.ptsEndUs);
        watcher.find(epochId, segment, durationUs);
      },
    };
    let takenUntilUs: number | undefined;
    const packaging = packager.start({
      ...{ directory: folder.path, input, segments, firstSequence: goesOn?.sequence, parts: announcer?.of(stream.id, epochId) },
      closed: (segment) => {
        if (epoch.isLeft) return;
        span.reached(segment.ptsStartUs, segment.ptsEndUs);
        watcher.take(epochId, segment);
      },
      lost: (loss) => {
        if (epoch.isLeft) return;
        // What cannot be written is there to be read again.
        if (recorded !== undefined && loss.reason === 'packager-failed') void epoch.leave();
        else watcher.lose(epochId, loss);
      },
      progress: (progress) => {
        takenUntilUs = progress.positionUs;
        span.reached(progress.positionUs, progress.positionUs);
        if (progress.writeFault !== undefined) watcher.touch(epochId);
        if (!epoch.ending) observer.progress(progress);
      },
    });
    const epoch: LiveEpoch = new LiveEpoch(
      ...([epochId, stream.id, packaging] as const),
      (reason, error) => (epoch.isLeft ? this.leave(epochId) : this.finish(epochId, reason, error, takenUntilUs)),
      (loss) => watcher.loseLate({ streamId: stream.id, epochId }, loss),
      ...([recorded !== undefined, goesOn?.atUs] as const),
    );
    this.live.set(epochId, epoch);
    this.observers.set(epoch, observer);
    const settled = epoch.settled.finally(() => this.settling.delete(settled));
    this.settling.add(settled);
    logger.info('Epoch opened', { streamId: stream.id, stream: stream.name, epochId });
    void packaging.flowing.then(() => {
      if (!epoch.ending) observer.flowing();
    });
    if (this.closed) void epoch.letGo('shutdown');
    return epoch;
  }

  /** What was left goes on in its epoch; where that was closed meanwhile, in one that begins exactly there. */
  private async placeOf(streamId: string, { startedAtMs, recorded }: EpochOpening): Promise<Place> {
    const begins = { epochId: randomUUID(), startedAtMs: Math.round(startedAtMs) };
    if (recorded?.epochId === undefined) return begins;
    const known = (await this.ledger?.epoch(recorded.epochId)) ?? null;
    const folder = new EpochFolder(this.options.mediaDir, streamId, recorded.epochId);
    await folder.discardAfter(known?.lastSequence ?? -1);
    // Its beginning is all that there was of it.
    if (known === null) return { ...begins, epochId: recorded.epochId };
    const { lastSequence, lastPtsEndUs, ptsOriginUs } = known;
    const stored = lastPtsEndUs === null ? undefined : { sequence: lastSequence + 1, atUs: lastPtsEndUs };
    if (known.state === 'open') return { epochId: known.epochId, startedAtMs: known.startedAtMs, goesOn: stored };
    await folder.removeMarker();
    const passedMs = stored === undefined ? 0 : (stored.atUs - (ptsOriginUs ?? stored.atUs)) / 1000;
    return {
      ...{ epochId: begins.epochId, startedAtMs: Math.round(known.startedAtMs + passedMs) },
      ...(stored && { goesOn: { sequence: 0, atUs: stored.atUs } }),
    };
  }

  /** Ends what is written of the stream, and waits a moment for it: the next epoch begins where it ended. */
  private async supersede(streamId: string): Promise<void> {
    const earlier = this.of(streamId);
    if (earlier.length === 0) return;
    for (const epoch of earlier) void epoch.letGo('superseded');
    await doneWithin(SUPERSEDE_WAIT_MS, Promise.all(earlier.map(({ done }) => done)));
  }

  /** Frames of a stream are lost without an epoch of their own. */
  lost(streamId: string, loss: FrameLoss): void {
    void this.watcher.loseLate({ streamId }, loss);
  }

  /** What was taken of the files of a stream whose segments another program writes. */
  takenFiles(streamId: string): Promise<TakenFiles> {
    return this.taken.of(streamId);
  }

  /** Forgets what was taken of streams that are not there any more. */
  forgetTaken(streamIds: ReadonlySet<string>): Promise<void> {
    return this.taken.sweep(streamIds);
  }

  /** By what epochs are judged while they go on. */
  get limits(): LiveLimits {
    return this.options.limits;
  }

  /** The epochs of a stream that are being written and were not asked to end. */
  of(streamId: string): LiveEpoch[] {
    return [...this.live.values()].filter((epoch) => epoch.streamId === streamId && !epoch.ending);
  }

  /** How each epoch goes that is being written and was not asked to end. */
  reports(): LiveReport[] {
    return [...this.live.values()].flatMap((epoch) => {
      const measures = epoch.ending ? undefined : this.observers.get(epoch)?.measures;
      return measures === undefined ? [] : [{ streamId: epoch.streamId, epochId: epoch.epochId, measures }];
    });
  }

  /** Ends epochs that were closed in the ledger while they were written here: this node was taken for dead. */
  async endClosed(isClosed: (epochId: string) => Promise<boolean>): Promise<void> {
    const live = [...this.live.values()].filter((epoch) => !epoch.ending);
    await Promise.all(live.map(async (epoch) => ((await isClosed(epoch.epochId)) ? epoch.letGo('ingest-lost') : undefined)));
  }

  /** Ends everything, and opens nothing any more. Settles when the ledger has it all, after `timeoutMs` at the latest. */
  async close(timeoutMs: number): Promise<void> {
    this.closed = true;
    for (const epoch of this.live.values()) void epoch.letGo('shutdown');
    if (await doneWithin(timeoutMs, Promise.all(this.settling))) return;
    this.logger.warn('Epochs are left for the next start to finish', { epochIds: [...this.live.keys()] });
  }

  private async leave(epochId: string): Promise<void> {
    this.logger.info('Epoch left open; it goes on later', { epochId });
    await this.watcher.leave(epochId);
    this.live.delete(epochId);
  }

  private async finish(epochId: string, reason: string, error: Error | undefined, takenUntilUs: number | undefined): Promise<void> {
    const { watcher, logger } = this;
    if (error === undefined) logger.info('Epoch ended', { epochId, reason });
    else logger.warn('Epoch ended', { epochId, reason, error });
    try {
      // Only a disk without room keeps what a packager took from being written without a word of it.
      const unwrittenUntilUs = this.guard?.refusal() == null ? undefined : takenUntilUs;
      await watcher.finish(epochId, reason, error === undefined ? 'ended' : 'broke-off', unwrittenUntilUs);
    } catch (failure) {
      logger.error('Finishing an epoch failed; the next start finishes it', { epochId, error: failure });
    } finally {
      this.live.delete(epochId);
    }
  }

  private refuseWithoutRoom(streamId: string): void {
    const why = this.guard?.refusal() ?? null;
    if (why === null) return;
    this.guard?.refused(streamId);
    throw ingestError('VD_INGEST_DISK_FULL', why);
  }

  private refuseWhenClosed(): void {
    if (this.closed) throw ingestError('VD_INGEST_STOPPING', 'no epoch is opened any more');
  }
}

function fixFor(error: unknown): { fix?: string } {
  const limit = exhaustedLimit(error);
  return limit === undefined ? {} : { fix: `Used up are the ${limit}: raise the limit, or make room.` };
}
