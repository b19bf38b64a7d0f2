import { z } from 'zod';
import type { RetentionConfig } from '../config/retention-config.js';
import { knownIdentity } from '../media/media-folder-identity.js';
import { mediaKeeper, type Keepers } from '../persistence/retention/keepers.js';
import type { SegmentScanStore } from '../persistence/retention/segment-scan-store.js';
import type { Logger } from '../plugin-api/index.js';
import { checkSegment } from './segment-check.js';

export interface SegmentScanOptions {
  readonly mediaDir: string;
  readonly nodeId: string;
  readonly scan: RetentionConfig['scan'];
}

export interface SegmentScanServices {
  readonly store: SegmentScanStore;
  readonly keepers: Pick<Keepers, 'place' | 'keepPlace'>;
  readonly logger: Logger;
  readonly now: () => number;
}

/** Of one way of looking: where it stands, and what the last whole round found. */
const round = z
  .object({
    after: z.string().regex(/^\d{1,19}$/),
    beganMs: z.number(),
    /** Null: none has come to its end. */
    endedMs: z.number().nullable(),
    files: z.number(),
    lost: z.number(),
    lastLost: z.number().nullable(),
  })
  .catch(() => ({ after: '0', beganMs: 0, endedMs: null, files: 0, lost: 0, lastLost: null }));
const place = z.object({ presence: round, contents: round }).catch(() => ({ presence: round.parse(null), contents: round.parse(null) }));

type Way = 'presence' | 'contents';
export type ScanPlace = z.output<typeof place>;

/** Files looked at in one step: whether they are there, that is. */
const STEP_FILES = 200;

/**
 * Compares, slowly, the files of a media folder with the ledger: whether they are there, all of them now and then; and their bytes, so many
 * a second. What is not as it was recorded is `lost`; what comes back as it was is found. Goes on where an earlier process stood.
 */
export class SegmentScan {
  private known: ScanPlace | undefined;
  private keptAtMs = 0;
  /** Bytes that may be read; below 0 after a large file. */
  private budgetBytes = 0;
  private budgetAtMs: number | undefined;

  constructor(
    private readonly options: SegmentScanOptions,
    private readonly services: SegmentScanServices,
  ) {}

  /** How far it is; null before its first step. */
  get standing(): ScanPlace | null {
    return this.known ?? null;
  }

  /** A little work, to be called about once a second. */
  async step(): Promise<void> {
    const { mediaDir, nodeId, scan } = this.options;
    // A disk that is not mounted is not one whose files were all deleted.
    if ((await knownIdentity(mediaDir)) !== nodeId) return;
    const standing = (this.known ??= place.parse(await this.services.keepers.place(mediaKeeper(nodeId))));
    const nowMs = this.services.now();
    this.fillBudget(nowMs);
    let isRoundOver = false;
    if (this.isDue(standing.presence, nowMs)) isRoundOver = await this.look('presence', standing, STEP_FILES);
    if (scan.rate > 0 && this.isDue(standing.contents, nowMs))
      isRoundOver = (await this.look('contents', standing, STEP_FILES)) || isRoundOver;
    if (isRoundOver || nowMs - this.keptAtMs > KEEP_PLACE_EVERY_MS) await this.keepPlace();
  }

  async keepPlace(): Promise<void> {
    if (this.known === undefined) return;
    this.keptAtMs = this.services.now();
    await this.services.keepers.keepPlace(mediaKeeper(this.options.nodeId), this.known);
  }

  private isDue({ after, endedMs }: ScanPlace[Way], nowMs: number): boolean {
    return after !== '0' || endedMs === null || nowMs - endedMs >= this.options.scan.interval;
  }

  private fillBudget(nowMs: number): void {
    const { rate } = this.options.scan;
    const sinceMs = this.budgetAtMs === undefined ? 1_000 : Math.max(0, nowMs - this.budgetAtMs);
    this.budgetBytes = Math.min(rate, this.budgetBytes + (rate * sinceMs) / 1_000);
    this.budgetAtMs = nowMs;
  }

  /** @returns whether the round has come to its end */
  private async look(way: Way, standing: ScanPlace, most: number): Promise<boolean> {
    const { mediaDir, nodeId } = this.options;
    const { store, logger, now } = this.services;
    const at = standing[way];
    if (at.after === '0') Object.assign(at, { beganMs: now(), files: 0, lost: 0 });
    const { segments, next } = await store.after(nodeId, at.after, most);
    const lost: { path: string; why: string }[] = [];
    for (const segment of segments) {
      if (way === 'contents' && this.budgetBytes <= 0) return false;
      const verdict = await checkSegment(mediaDir, segment, way === 'contents');
      if (way === 'contents') this.budgetBytes -= verdict.readBytes;
      at.files++;
      const isSure = way === 'contents' || segment.checksum === null;
      if (verdict.is === 'lost') {
        at.lost++;
        if (segment.state === 'ready' && (await store.lost(segment.id, verdict.why))) lost.push({ path: segment.path, why: verdict.why });
      } else if (segment.state === 'lost') {
        // That a file is there again does not make it the one that was recorded.
        if (verdict.is === 'sound' && isSure) await store.found(segment.id);
        else at.lost++;
      }
      at.after = segment.id;
    }
    if (lost.length > 0)
      logger.error('Recorded media is lost: its files are not what was written', { segments: lost.length, first: lost[0] });
    if (next !== null) {
      at.after = next;
      return false;
    }
    Object.assign(at, { after: '0', endedMs: now(), lastLost: at.lost });
    return true;
  }
}

const KEEP_PLACE_EVERY_MS = 30_000;
