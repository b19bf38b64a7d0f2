import type { StreamAssignment } from '../../plugin-host/stream-assignments.js';
import type { EpochGap, IngestLedger, JobBell, ProbedSegment } from '../../persistence/ledger/ingest-ledger.js';
import { CodedError, type Logger, type PtsUs } from '../../plugin-api/index.js';
import { type EpochFolder, PLAYLIST_NAME, type SegmentFile } from '../epoch-folder.js';
import type { PackagedLoss, PackagedSegment } from '../packaging/packager.js';
import { FolderWatch } from './folder-watch.js';
import { FoundSegments } from './found-segments.js';
import { PackagedSegments } from './packaged-segments.js';
import { retryUntilDone } from '../../runtime/retry-until-done.js';
import { describeBatch, readBatch, type SegmentBatch } from './segment-batch.js';
import type { FoundSegment } from './segment-reader.js';
import type { LastReady } from './segment-end.js';
import { lostInCrash, lostTail } from './segment-rows.js';
import { WatchedFiles } from './watched-files.js';

export interface WatchedEpoch {
  readonly epochId: string;
  readonly streamId: string;
  /** Where its segments go, asked anew for each batch. */
  readonly analyzers: () => readonly StreamAssignment[];
  readonly startedAtMs: number;
  readonly folder: EpochFolder;
  /** Its packager tells of its segments: see {@link EpochWatcher.take}. Else its folder is watched. */
  readonly isHandedOver?: boolean | undefined;
  /** Its packager reads its segments and gives what it found: see {@link EpochWatcher.find}. */
  readonly isRead?: boolean | undefined;
  /** What an earlier life left says that nothing is missing in it. */
  readonly isComplete?: boolean | undefined;
  /** Told of each segment that the ledger got to know. */
  readonly registered?: (segment: ProbedSegment) => void;
}

export interface EpochWatcherServices {
  readonly ledger: IngestLedger;
  readonly bell: JobBell;
  readonly logger: Logger;
  readonly ingestId: string;
}

/**
 * How an epoch's packager came to its end: by itself, not by itself, or with the process that it ran in or wrote to, so that nobody was
 * there to say so.
 */
export type PackagerEnd = 'ended' | 'broke-off' | 'crashed';

/** Segments registered in one transaction when many are waiting. */
const BATCH = 16;
/**
 * Brings one epoch's finished segments into the ledger, one after the other, each exactly once. The database may be away
 * meanwhile: the media is on the disk and the watcher goes on where it stood.
 */
export class EpochWatcher {
  /** Sequences below are in the ledger or recorded as missing. */
  private next = 0;
  private last: LastReady | undefined;
  private dirty = false;
  private loop: Promise<void> | undefined;
  private watch: FolderWatch | undefined;
  private readonly files: WatchedFiles;
  private finishing = false;
  private hasOpened = false;
  private originUs: PtsUs | undefined;
  private readonly live = new AbortController();
  private readonly stopping = new AbortController();
  private readonly ledgerKnows = Promise.withResolvers<void>();
  private readonly handed: PackagedSegments;
  private readonly found = new FoundSegments();
  private readonly lateTail: { sequence: number; durationMs: number }[] = [];

  constructor(
    readonly epoch: WatchedEpoch,
    private readonly services: EpochWatcherServices,
    /** Settles before anything of this epoch is written to the ledger: its stream's earlier epochs come first. */
    private readonly after: Promise<void> = Promise.resolve(),
  ) {
    this.handed = new PackagedSegments(epoch.folder.relativePath);
    this.files = new WatchedFiles(epoch.folder, epoch.epochId, services.logger);
  }

  /** Settles when the ledger knows the epoch, or will not by this watcher. */
  get opened(): Promise<void> {
    return this.ledgerKnows.promise;
  }

  /** Watches the folder, unless its packager tells what is in it. Events only wake it: what is to be done is read from the playlist. */
  start(): void {
    if (this.epoch.isHandedOver !== true && this.epoch.isRead !== true)
      this.watch = new FolderWatch(this.epoch.folder.path, PLAYLIST_NAME, () => this.poke(), { logger: this.services.logger });
    this.poke();
  }

  /** The packager has completed a segment. */
  take(segment: PackagedSegment): void {
    this.handed.segment(segment);
    this.poke();
  }

  /** The packager has put a segment into the folder that it had read. */
  find(segment: FoundSegment, durationUs: number | undefined): void {
    this.found.add(segment, durationUs);
    this.poke();
  }

  /** The packager tells of frames that are in no segment. */
  lose(loss: PackagedLoss): void {
    this.handed.loss(loss);
    this.poke();
  }

  /** A sign of life where nothing else can be written; never rejects. */
  async touch(): Promise<void> {
    await this.epoch.folder.touchMarker().catch(() => undefined);
  }

  /** Looks for finished segments soon; calls while it looks are put together into one. */
  poke(): void {
    if (this.finishing) return;
    this.dirty = true;
    this.loop ??= this.drain().finally(() => (this.loop = undefined));
  }

  /**
   * The packager has ended: registers all that is left, the unfinished tail included, records what is lost, and closes the epoch.
   * @param unwrittenUntilUs see {@link lostTail}
   * @throws the signal's reason when {@link stop} came first; the next start then finishes it
   * @throws VD_STREAM_NOT_FOUND when the database knows no such stream: it is another one than the media was made for
   */
  async finish(reason: string, how: PackagerEnd = 'ended', unwrittenUntilUs?: PtsUs): Promise<void> {
    this.finishing = true;
    this.watch?.close();
    this.live.abort(new Error('the epoch is being finished'));
    await this.loop;
    if (this.epoch.isHandedOver === true && !this.handed.hasLosses) await this.markComplete();
    await this.retry('Registering the last segments', async () => {
      await this.open();
      await this.registerHanded();
      await this.registerFound();
      await this.registerRest();
      const lost = await this.lostAtEnd(how, unwrittenUntilUs);
      if (lost !== null) await this.recordGap(lost);
    });
    await this.retry('Closing the epoch', () => this.services.ledger.closeEpoch(this.epoch.epochId, reason, this.endedAtMs()));
    await this.files.end(this.lateTail);
    await this.epoch.folder.removeMarker();
  }

  /** Lets go at once; settles when what was under way is over too. */
  async stop(): Promise<void> {
    this.finishing = true;
    this.watch?.close();
    this.live.abort(new Error('the watcher was stopped'));
    this.stopping.abort(new Error('the watcher was stopped'));
    this.ledgerKnows.resolve();
    await this.loop;
  }

  private async drain(): Promise<void> {
    while (this.dirty && !this.finishing) {
      this.dirty = false;
      try {
        const attempt = async () => {
          await this.open();
          await this.registerNew();
        };
        await this.retry('Registering segments', attempt, this.live.signal);
      } catch (error) {
        if (this.live.signal.aborted) return;
        // Only what is hopeless comes here. The media stays; who comes after must not wait for it.
        this.services.logger.error('The segments of an epoch cannot be registered', { epochId: this.epoch.epochId, error });
        this.ledgerKnows.resolve();
        return;
      }
    }
  }

  private async open(): Promise<void> {
    await this.after;
    const { epochId, streamId, startedAtMs } = this.epoch;
    const { ledger, ingestId } = this.services;
    if (!this.hasOpened) {
      await ledger.openEpoch({ epochId, streamId, startedAtMs, ingestId });
      const known = await ledger.epoch(epochId);
      if (known !== null) {
        this.next = known.lastSequence + 1;
        if (known.lastPtsEndUs !== null) this.last = { sequence: known.lastSequence, ptsEndUs: known.lastPtsEndUs, sound: true };
        this.originUs = known.ptsOriginUs ?? undefined;
      }
      this.hasOpened = true;
    }
    this.ledgerKnows.resolve();
  }

  private async registerNew(): Promise<void> {
    const { isHandedOver, isRead } = this.epoch;
    if (isHandedOver === true) await this.registerHanded();
    else if (isRead === true) await this.registerFound();
    else await this.register(await this.files.complete(this.next));
  }

  private async registerFound(): Promise<void> {
    const { found } = this;
    for (let batch = found.next(BATCH); batch.length > 0; batch = found.next(BATCH)) {
      await this.registerBatch(batch, found.durationUs);
      found.registered(batch.length);
    }
  }

  private async registerHanded(): Promise<void> {
    const { handed } = this;
    for (let batch = handed.next(BATCH); batch !== undefined; batch = handed.next(BATCH)) {
      const { segments, media } = batch;
      await this.commit({ segments, media, gaps: [], moved: undefined });
      handed.registered(segments.length);
      const { sequence, ptsEndUs } = segments.at(-1)!;
      this.next = sequence + 1;
      this.last = { sequence, ptsEndUs, sound: true };
    }
    for (const { gap, recorded } of handed.gaps(this.epoch.epochId)) {
      await this.recordGap(gap);
      recorded();
    }
  }

  /** A packager that tells of its segments tells of what is lost, too. */
  private async lostAtEnd(how: PackagerEnd, unwrittenUntilUs: PtsUs | undefined): Promise<EpochGap | null> {
    const { epochId, folder, isHandedOver, isComplete } = this.epoch;
    if (how !== 'crashed')
      return isHandedOver === true ? null : lostTail(epochId, this.next, this.last, how === 'broke-off', unwrittenUntilUs);
    if (isComplete === true || this.files.hasEnd) return lostTail(epochId, this.next, this.last, false);
    return lostInCrash(epochId, this.next, this.last, await folder.outlivedMediaMs());
  }

  /** Everything in the folder that the ledger lacks. */
  private async registerRest(): Promise<void> {
    const known = new Set(await this.services.ledger.registeredSequences(this.epoch.epochId));
    await this.register(await this.files.rest(known, this.last?.ptsEndUs));
  }

  private async register(files: readonly SegmentFile[]): Promise<void> {
    const { path } = this.epoch.folder;
    for (let at = 0; at < files.length; at += BATCH)
      await this.registerBatch(await readBatch(path, files.slice(at, at + BATCH), this.last?.ptsEndUs), this.files.durationUs);
  }

  private async registerBatch(found: readonly FoundSegment[], durationUs: ReadonlyMap<number, number>): Promise<void> {
    const { folder, epochId } = this.epoch;
    const before = { next: this.next, last: this.last };
    const batch = describeBatch({ epochId, folder: folder.relativePath, found, before, durationUs });
    await this.commit(batch);
    this.next = batch.next;
    this.last = batch.last;
  }

  private async commit({ segments, gaps, media, moved }: Omit<SegmentBatch, 'next' | 'last'>): Promise<void> {
    const { ledger, bell, logger } = this.services;
    const { epochId } = this.epoch;
    if (this.originUs === undefined && media !== undefined) {
      await ledger.setEpochMedia(epochId, media);
      this.originUs = media.ptsOriginUs;
    }
    for (const gap of gaps) await this.recordGap(gap);
    if (moved !== undefined) await ledger.moveSegmentEnd(epochId, moved.sequence, moved.ptsEndUs);
    if (segments.length === 0) return;
    const jobs = await ledger.registerSegments(epochId, segments, this.epoch.analyzers());
    for (const segment of segments) {
      if (segment.error !== undefined)
        logger.warn('Segment is damaged', { path: segment.path, state: segment.state, error: segment.error });
      this.epoch.registered?.(segment);
      if (this.finishing) this.lateTail.push({ sequence: segment.sequence, durationMs: (segment.ptsEndUs - segment.ptsStartUs) / 1000 });
    }
    if (jobs.length === 0) return;
    // A ring that is lost loses nothing: the queue's reconciler rings for what the ledger has.
    await bell.ring(jobs).catch((error: unknown) => logger.warn('Ringing for new segments failed', { epochId, error }));
  }

  /** Should this process die before the ledger knows it all, nothing is missing. Only a convenience: failing is logged. */
  private async markComplete(): Promise<void> {
    const { epochId, streamId, startedAtMs, folder } = this.epoch;
    await folder.markComplete({ epochId, streamId, startedAtMs }).catch((error: unknown) => {
      this.services.logger.warn('The marker of an epoch could not be written', { epochId, error });
    });
  }

  private async recordGap(gap: EpochGap): Promise<void> {
    this.services.logger.warn('Media is missing', { ...gap });
    await this.services.ledger.recordGap(gap);
  }

  /** Wall clock of the last media, by the media's own clock; unknown while nothing was readable. */
  private endedAtMs(): number | undefined {
    if (this.originUs === undefined || this.last === undefined) return undefined;
    return Math.round(this.epoch.startedAtMs + (this.last.ptsEndUs - this.originUs) / 1000);
  }

  private retry<T>(what: string, attempt: () => Promise<T>, signal = this.stopping.signal): Promise<T> {
    return retryUntilDone(attempt, {
      what: `${what} of epoch ${this.epoch.epochId}`,
      logger: this.services.logger,
      signal,
      hopeless: isStreamUnknown,
    });
  }
}

function isStreamUnknown(error: unknown): boolean {
  return error instanceof CodedError && error.code === 'VD_STREAM_NOT_FOUND';
}
