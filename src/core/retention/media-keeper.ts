import type { RetentionConfig } from '../config/retention-config.js';
import { bytesOf } from '../config/retention-config.js';
import { diskSpace, type DiskSpace } from '../media/store/free-space.js';
import { knownIdentity } from '../media/media-folder-identity.js';
import type { KeptSegment, MediaInventory, MediaRank } from '../persistence/retention/media-inventory.js';
import type { DoomedFile, MediaPurge, PurgeReason } from '../persistence/retention/media-purge.js';
import { mediaKeeper } from '../persistence/retention/keepers.js';
import type { StreamRetention, StreamRetentions } from '../persistence/retention/stream-retention.js';
import type { Logger } from '../plugin-api/index.js';
import { eventFilterOf, limitsOf, type StreamLimits } from './stream-limits.js';
import { MediaFiles } from './media-files.js';
import { planMedia, type PlannedPurge } from './media-plan.js';
import { roomLimits, shortOf } from './disk-room.js';

export interface MediaKeeperOptions {
  readonly mediaDir: string;
  readonly nodeId: string;
  readonly retention: RetentionConfig;
  /** Media that ended no longer ago than this stays: it is played live, and analysed. */
  readonly protectMs: number;
}

export interface MediaKeeperServices {
  readonly inventory: MediaInventory;
  readonly purge: MediaPurge;
  readonly streams: Pick<StreamRetentions, 'all'>;
  readonly logger: Logger;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly space?: (folder: string) => Promise<DiskSpace>;
}

/** What a round came to. */
export interface MediaRound {
  readonly keptBytes: number;
  readonly maxBytes: number | null;
  readonly purgedFiles: number;
  readonly purgedBytes: number;
  /** Files that could not be deleted; they are tried again. */
  readonly undeletedFiles: number;
  /** What is too much, and could not go: it is held, too new, or not ours. */
  readonly overBytes: number;
  /** The folder is not the one that the ledger speaks of, such as one whose disk is not mounted: nothing was done. */
  readonly isForeign: boolean;
}

/** Of each stream and rank, as far as one plan sees. */
const SLICE = 400;
/** Files whose rows change in one transaction. */
const BATCH = 200;
/** While there is room nobody is hurried. */
const PAUSE_MS = 50;
const MOST_FILES_A_ROUND = 5_000;
/** Counting what there is takes no more than this part of the time. */
const COUNTING_SHARE = 0.05;

/** Keeps one node's media folder within its limits. One round at a time. */
export class MediaKeeper {
  private readonly files: MediaFiles;
  private bytes = new Map<string, number>();
  private countAgainAt = 0;
  private stopped = false;

  constructor(
    private readonly options: MediaKeeperOptions,
    private readonly services: MediaKeeperServices,
  ) {
    this.files = new MediaFiles(options.mediaDir);
  }

  stop(): void {
    this.stopped = true;
  }

  async round(): Promise<MediaRound> {
    const { mediaDir, nodeId, retention } = this.options;
    if ((await knownIdentity(mediaDir)) !== nodeId) return { ...NOTHING, isForeign: true };
    const tally = { files: 0, bytes: 0, undeleted: 0 };
    await this.deleteFiles(await this.services.purge.leftOver(nodeId, MOST_FILES_A_ROUND), tally);
    await this.count();
    const own = await this.services.streams.all();
    let left = 0;
    // What cannot be deleted (a disk that became read-only) makes no room: no more of it is given up in the ledger.
    while (!this.stopped && tally.undeleted === 0 && tally.files < MOST_FILES_A_ROUND) {
      const { space, maxBytes, purges } = await this.plan(own);
      left = Math.max(shortOf(space, roomLimits(retention, space.totalBytes)), maxBytes === null ? 0 : this.keptBytes - maxBytes, 0);
      if (purges.length === 0) break;
      const before = tally.files;
      const ranked = await this.apply(purges, own, tally);
      // All of it was found to be held, or cannot be deleted: the next plan would be the same.
      if (tally.files === before && !ranked) break;
    }
    await this.clearFolders();
    const { totalBytes } = await this.space();
    return {
      keptBytes: this.keptBytes,
      maxBytes: bytesOf(retention.media.maxSize, totalBytes),
      purgedFiles: tally.files,
      purgedBytes: tally.bytes,
      undeletedFiles: tally.undeleted,
      overBytes: left,
      isForeign: false,
    };
  }

  private get keptBytes(): number {
    return [...this.bytes.values()].reduce((sum, bytes) => sum + bytes, 0);
  }

  private space(): Promise<DiskSpace> {
    return (this.services.space ?? diskSpace)(this.options.mediaDir);
  }

  private async count(): Promise<void> {
    const startedAt = performance.now();
    if (startedAt < this.countAgainAt) return;
    this.bytes = await this.services.inventory.bytesByStream(this.options.nodeId);
    this.countAgainAt = performance.now() + (performance.now() - startedAt) / COUNTING_SHARE;
  }

  private async plan(
    own: ReadonlyMap<string, StreamRetention>,
  ): Promise<{ space: DiskSpace; maxBytes: number | null; purges: PlannedPurge[] }> {
    const { nodeId, retention, protectMs } = this.options;
    const { inventory, now } = this.services;
    const space = await this.space();
    const maxBytes = bytesOf(retention.media.maxSize, space.totalBytes);
    const oldest = { ordinary: await inventory.oldest(nodeId, 'ordinary', SLICE), event: await inventory.oldest(nodeId, 'event', SLICE) };
    const nowMs = now();
    const purges = planMedia({
      nowMs,
      protectedFromMs: nowMs - protectMs,
      bytesByStream: this.bytes,
      limitsOf: (streamId) => limitsFor(retention, own, streamId),
      maxBytes,
      shortBytes: shortOf(space, roomLimits(retention, space.totalBytes)),
      oldest,
      hasMore: { ordinary: streamsWithMore(oldest.ordinary), event: streamsWithMore(oldest.event) },
    });
    return { space, maxBytes, purges };
  }

  /** @returns whether some were found to be of another rank, so that another plan may be another */
  private async apply(purges: readonly PlannedPurge[], own: ReadonlyMap<string, StreamRetention>, tally: Tally): Promise<boolean> {
    let isRankedAnew = false;
    const mayGo: PlannedPurge[] = [];
    for (const [streamId, planned] of Map.groupBy(purges, ({ segment }) => segment.streamId)) {
      const filter = eventFilterOf(limitsFor(this.options.retention, own, streamId));
      const ranks = await this.services.inventory.rank(
        streamId,
        planned.map(({ segment }) => segment.id),
        filter,
      );
      for (const one of planned) {
        if (mayGoAs(one.rank, ranks.get(one.segment.id))) mayGo.push(one);
        else isRankedAnew = true;
      }
    }
    for (const [why, planned] of Map.groupBy(mayGo, (one) => one.why)) {
      for (let at = 0; at < planned.length && !this.stopped && tally.undeleted === 0; at += BATCH) {
        await this.purge(why, planned.slice(at, at + BATCH), tally);
        if (why !== 'disk') await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
      }
    }
    return isRankedAnew;
  }

  private async purge(why: PurgeReason, planned: readonly PlannedPurge[], tally: Tally): Promise<void> {
    const { purge } = this.services;
    const doomed = await purge.begin(
      mediaKeeper(this.options.nodeId),
      why,
      planned.map(({ segment }) => segment.id),
    );
    for (const { streamId, sizeBytes } of doomed) this.bytes.set(streamId, Math.max(0, (this.bytes.get(streamId) ?? 0) - sizeBytes));
    await this.deleteFiles(doomed, tally);
  }

  private async deleteFiles(doomed: readonly DoomedFile[], tally: Tally): Promise<void> {
    if (doomed.length === 0) return;
    const gone: string[] = [];
    let failure: { readonly path: string; readonly error: unknown } | undefined;
    for (const { id, path, sizeBytes } of doomed) {
      try {
        await this.files.remove(path);
        gone.push(id);
        tally.files++;
        tally.bytes += sizeBytes;
      } catch (error) {
        tally.undeleted++;
        failure ??= { path, error };
      }
    }
    if (gone.length > 0) await this.services.purge.done(gone);
    if (failure !== undefined) this.services.logger.warn('Files that retention is to delete cannot be deleted', { ...failure });
  }

  private async clearFolders(): Promise<void> {
    const { purge, logger } = this.services;
    const empty = await purge.emptyFolders(this.options.nodeId, BATCH);
    const gone: string[] = [];
    for (const { streamId, epochId } of empty) {
      try {
        const foreign = await this.files.removeFolder(streamId, epochId);
        if (foreign === null) continue;
        if (foreign.length > 0)
          logger.warn('A folder of deleted media stays: there are files in it that are not ours', {
            streamId,
            epochId,
            foreign: foreign.slice(0, 5),
          });
        gone.push(epochId);
      } catch (error) {
        logger.warn('The folder of deleted media cannot be removed', { streamId, epochId, error });
      }
    }
    if (gone.length > 0) await purge.foldersGone(gone);
  }
}

interface Tally {
  files: number;
  bytes: number;
  undeleted: number;
}

const NOTHING: MediaRound = {
  keptBytes: 0,
  maxBytes: null,
  purgedFiles: 0,
  purgedBytes: 0,
  undeletedFiles: 0,
  overBytes: 0,
  isForeign: false,
};

const limitsFor = (retention: RetentionConfig, own: ReadonlyMap<string, StreamRetention>, streamId: string): StreamLimits =>
  limitsOf(retention, own.get(streamId));

/** What turned out to be of an event goes with those, and not before them; what was of an event that is gone goes at once. */
const mayGoAs = (planned: MediaRank, found: MediaRank | undefined): boolean =>
  found === planned || (planned === 'event' && found === 'ordinary');

function streamsWithMore(slice: readonly KeptSegment[]): Set<string> {
  const counts = new Map<string, number>();
  for (const { streamId } of slice) counts.set(streamId, (counts.get(streamId) ?? 0) + 1);
  return new Set([...counts].filter(([, count]) => count >= SLICE).map(([streamId]) => streamId));
}
