import { Inject, Injectable, Optional } from '@nestjs/common';
import { loggerOf } from '../../observability/component-logger.js';
import { ImportStore } from '../../persistence/imports/import-store.js';
import { StreamStore } from '../../persistence/streams/stream-store.js';
import { type StreamAssignment, StreamAssignments } from '../../plugin-host/stream-assignments.js';
import { IngestLedger, JobBell, type ProbedSegment } from '../../persistence/ledger/ingest-ledger.js';
import type { FrameLoss, Logger, PtsUs } from '../../plugin-api/index.js';
import { within } from '../../runtime/within.js';
import { EpochFolder, type EpochMarker, readMarkers } from '../epoch-folder.js';
import type { PackagedLoss, PackagedSegment } from '../packaging/packager.js';
import { EpochWatcher, type PackagerEnd, type WatchedEpoch } from './epoch-watcher.js';
import { retryUntilDone } from '../../runtime/retry-until-done.js';
import type { FoundSegment } from './segment-reader.js';

/** Nest token of {@link SegmentWatcherOptions}. */
export const WATCHER_OPTIONS = Symbol.for('vedette.watcher-options');

export interface SegmentWatcherOptions {
  readonly mediaDir: string;
  readonly reconcileIntervalMs: number;
  /** Names this ingest role across restarts; its open epochs of an earlier life are finished. */
  readonly ingestId: string;
}

export interface NewEpoch {
  readonly epochId: string;
  readonly stream: { readonly id: string; readonly name: string };
  readonly startedAtMs: number;
  readonly folder: EpochFolder;
  /** Its packager tells of its segments, see {@link SegmentWatcher.take}: the folder is not watched. */
  readonly isHandedOver: boolean;
  /** Its packager reads its segments, see {@link SegmentWatcher.find}: the folder is not watched, and lacks nothing at any time. */
  readonly isRead?: boolean;
  /** Its packager can tell of parts: see `EpochMarker`. */
  readonly announcesParts?: boolean;
  /** See `EpochMarker`. */
  readonly isRecorded?: boolean;
  readonly registered?: (segment: ProbedSegment) => void;
}

/** The longest that stopping waits for a write that is under way. */
const STOP_TIMEOUT_MS = 1000;

/**
 * Watches every epoch of this ingest role and sees to it that each finished segment gets into the ledger exactly once:
 * by the playlist as it grows, by a timer in case an event was lost, and at the start for what an earlier life left.
 */
@Injectable()
export class SegmentWatcher {
  private readonly watchers = new Map<string, EpochWatcher>();
  /** By stream: settles when the ledger knows its latest epoch, so that epochs are numbered in the order they began. */
  private readonly order = new Map<string, Promise<void>>();
  /** Epochs that cannot be finished in this life; their media and markers stay. */
  private readonly damaged = new Set<string>();
  private readonly hopeless = new Set<string>();
  private readonly stopping = new AbortController();
  private timer: NodeJS.Timeout | undefined;
  private reconciling: Promise<void> | undefined;

  constructor(
    @Inject(WATCHER_OPTIONS) private readonly options: SegmentWatcherOptions,
    private readonly ledger: IngestLedger,
    private readonly bell: JobBell,
    @Inject(StreamAssignments) private readonly assignments: Pick<StreamAssignments, 'analyzersFor'>,
    @Inject(StreamStore) private readonly streams: Pick<StreamStore, 'get'>,
    @Inject(loggerOf('watcher')) private readonly logger: Logger,
    @Optional() @Inject(ImportStore) private readonly imports?: Pick<ImportStore, 'unfinished'>,
  ) {}

  /** Begins to reconcile, in the background: media does not wait for the database. */
  start(): void {
    void this.reconcile();
    this.timer = setInterval(() => void this.reconcile(), this.options.reconcileIntervalMs);
  }

  /** Lets go of everything at once; what is not in the ledger yet is found at the next start. */
  async stop(): Promise<void> {
    clearInterval(this.timer);
    this.stopping.abort(new Error('the watcher was stopped'));
    const underWay = [...this.watchers.values()].map((watcher) => watcher.stop());
    if (this.reconciling !== undefined) underWay.push(this.reconciling);
    await within(STOP_TIMEOUT_MS, Promise.all(underWay), () => new Error('the database does not answer')).catch((error: unknown) =>
      this.logger.warn('Stopping the watcher was not waited for', { error }),
    );
  }

  /** Makes the epoch's folder and watches it. Once this settles nothing of the epoch can be lost, whatever dies. */
  async watch(epoch: NewEpoch): Promise<void> {
    const { epochId, stream, startedAtMs, folder, isHandedOver, isRead, announcesParts, isRecorded } = epoch;
    // Known before its marker lies on the disk: reconciling must not take it for abandoned.
    const { registered } = epoch;
    const watcher = this.add({
      epochId,
      streamId: stream.id,
      startedAtMs,
      ...{ folder, isHandedOver, isRead },
      analyzers: () => this.assignments.analyzersFor(stream),
      registered,
    });
    try {
      const { id: streamId } = stream;
      const says = {
        ...(isRead && { isComplete: true }),
        ...(announcesParts && { announcesParts }),
        ...(isRecorded && { isRecorded }),
      };
      await folder.create({ epochId, streamId, startedAtMs, ...says });
      watcher.start();
    } catch (error) {
      void watcher.stop();
      this.watchers.delete(epochId);
      throw error;
    }
  }

  /** The epoch's packager has completed a segment. */
  take(epochId: string, segment: PackagedSegment): void {
    this.watchers.get(epochId)?.take(segment);
  }

  /** The epoch's packager has put a segment into its folder that it had read. */
  find(epochId: string, segment: FoundSegment, durationUs: number | undefined): void {
    this.watchers.get(epochId)?.find(segment, durationUs);
  }

  /** The epoch's packager tells of frames that are in no segment. */
  lose(epochId: string, loss: PackagedLoss): void {
    this.watchers.get(epochId)?.lose(loss);
  }

  /** Frames were lost after the stream's epoch, or its last one, had ended. Never rejects. */
  async loseLate(of: { readonly streamId: string; readonly epochId?: string }, loss: FrameLoss): Promise<void> {
    const { ledger, logger } = this;
    logger.warn('Frames are lost', { ...of, ...loss });
    const attempt = { what: 'Recording what is lost', logger, signal: this.stopping.signal };
    await retryUntilDone(() => ledger.addLoss(of, loss), attempt).catch((error: unknown) =>
      logger.error('What is lost could not be recorded', { ...of, ...loss, error }),
    );
  }

  /** The epoch goes on, though nothing of it can be written. */
  touch(epochId: string): void {
    void this.watchers.get(epochId)?.touch();
  }

  /**
   * The epoch's packager has ended: settles when the ledger has all of it, or the watcher was stopped.
   * @param how see {@link PackagerEnd}
   * @param unwrittenUntilUs see {@link EpochWatcher.finish}
   */
  async finish(epochId: string, reason: string, how: PackagerEnd = 'ended', unwrittenUntilUs?: PtsUs): Promise<void> {
    const watcher = this.watchers.get(epochId);
    if (watcher === undefined) return;
    try {
      await watcher.finish(reason, how, unwrittenUntilUs);
    } catch (error) {
      if (this.stopping.signal.aborted) return;
      this.hopeless.add(epochId);
      throw error;
    } finally {
      void watcher.stop();
      this.watchers.delete(epochId);
    }
    if (this.order.get(watcher.epoch.streamId) === watcher.opened) this.order.delete(watcher.epoch.streamId);
  }

  /** Lets go of an epoch and leaves it open: it is gone on with later. What the ledger does not know of it yet is made anew then. */
  async leave(epochId: string): Promise<void> {
    const watcher = this.watchers.get(epochId);
    if (watcher === undefined) return;
    this.watchers.delete(epochId);
    await watcher.stop();
    if (this.order.get(watcher.epoch.streamId) === watcher.opened) this.order.delete(watcher.epoch.streamId);
  }

  /** Looks at every epoch once; and finishes those that nobody writes any more. */
  reconcile(): Promise<void> {
    for (const watcher of this.watchers.values()) watcher.poke();
    this.reconciling ??= this.finishAbandoned()
      .catch((error: unknown) => {
        if (!this.stopping.signal.aborted) this.logger.error('Reconciling the media folder failed', { error });
      })
      .finally(() => (this.reconciling = undefined));
    return this.reconciling;
  }

  private async finishAbandoned(): Promise<void> {
    const { mediaDir, ingestId } = this.options;
    const { ledger, logger } = this;
    // Those that end while the ledger is read are in both lists, and not abandoned.
    const watched = new Set(this.watchers.keys());
    const open = await retryUntilDone(() => ledger.openEpochs(ingestId), {
      what: 'Reading the open epochs',
      logger,
      signal: this.stopping.signal,
    });
    const markers = await readMarkers(mediaDir, (file) => this.tellOfDamage(file));
    const resting = await this.restingOf(markers);
    const abandoned = [...markers, ...open].filter(
      ({ epochId }) => !watched.has(epochId) && !this.hopeless.has(epochId) && !resting.has(epochId),
    );
    for (const { epochId, streamId, startedAtMs, ...marker } of abandoned) {
      if (this.watchers.has(epochId)) continue;
      const analyzers = await this.assignmentsOf(streamId);
      if (this.watchers.has(epochId)) continue;
      logger.info('Finishing an epoch that an earlier run left open', { epochId, streamId });
      // Of what was recorded and does not go on any more, all that was to be stored is.
      const isRecorded = markers.some((known) => known.epochId === epochId && known.isRecorded === true);
      const isComplete = isRecorded || ('isComplete' in marker && marker.isComplete === true);
      this.add({ epochId, streamId, startedAtMs, isComplete, folder: new EpochFolder(mediaDir, streamId, epochId), analyzers });
      // In its own time: one that cannot be finished now must not hold up the others.
      void this.finish(epochId, isRecorded ? 'import-ended' : 'ingest-restarted', 'crashed').catch((error: unknown) =>
        logger.error('Finishing an epoch failed', { epochId, error }),
      );
    }
  }

  /** Once: the ledger finishes what it knows of the epoch, and nothing else can be learnt of the file. */
  private tellOfDamage(file: string): void {
    if (this.damaged.has(file)) return;
    this.damaged.add(file);
    this.logger.warn('A marker of an unfinished epoch is damaged: remove the file. What the ledger knows of the epoch is kept', { file });
  }

  /** Epochs that were left open, and are gone on with when their import is. */
  private async restingOf(markers: readonly EpochMarker[]): Promise<ReadonlySet<string>> {
    const { imports, logger } = this;
    const recorded = markers.filter(({ isRecorded }) => isRecorded === true).map(({ epochId }) => epochId);
    if (imports === undefined || recorded.length === 0) return new Set();
    return retryUntilDone(() => imports.unfinished(recorded), { what: 'Reading the imports', logger, signal: this.stopping.signal });
  }

  private async assignmentsOf(streamId: string): Promise<() => readonly StreamAssignment[]> {
    const { logger, assignments } = this;
    const stream = await retryUntilDone(() => this.streams.get(streamId), {
      what: 'Reading a stream',
      logger,
      signal: this.stopping.signal,
    });
    // Of a stream that is gone the last segments are kept, but not analysed.
    return stream === null ? () => [] : () => assignments.analyzersFor({ id: streamId, name: stream.name });
  }

  private add(epoch: WatchedEpoch): EpochWatcher {
    const { epochId, streamId } = epoch;
    const { ledger, bell, logger } = this;
    const watcher = new EpochWatcher(epoch, { ledger, bell, logger, ingestId: this.options.ingestId }, this.order.get(streamId));
    this.watchers.set(epochId, watcher);
    this.order.set(streamId, watcher.opened);
    return watcher;
  }
}
