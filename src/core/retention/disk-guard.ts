import type { RetentionConfig } from '../config/retention-config.js';
import { diskSpace, type DiskSpace } from '../media/store/free-space.js';
import { RecordingGuard } from '../media/recording-guard.js';
import type { Logger } from '../plugin-api/index.js';
import { levelOf, roomLimits, type DiskLevel } from './disk-room.js';

export interface DiskGuardServices {
  readonly logger: Logger;
  /** Puts on record that a stream's media was turned away. */
  readonly refused: (streamId: string) => Promise<void>;
  readonly space?: (folder: string) => Promise<DiskSpace>;
}

/** A stream's gap grows no more often than this: encoders try again at once, and all the time. */
const REFUSED_EVERY_MS = 1_000;

/**
 * Watches the room on the media disk. While there is too little, old media goes; where that does not help, recording ends in good order
 * before the disk is full, and begins again by itself: whoever writes to the disk besides (the database) never finds it full of media.
 */
export class DiskGuard extends RecordingGuard {
  private level: DiskLevel = 'ok';
  private space: DiskSpace = { freeBytes: null, totalBytes: null };
  private readonly stopListeners: (() => void)[] = [];
  private readonly lowListeners: (() => void)[] = [];
  private readonly refusedAtMs = new Map<string, number>();

  constructor(
    private readonly mediaDir: string,
    private readonly retention: RetentionConfig,
    private readonly services: DiskGuardServices,
  ) {
    super();
  }

  /** How it stands. */
  get state(): { readonly level: DiskLevel; readonly space: DiskSpace } {
    return { level: this.level, space: this.space };
  }

  refusal(): string | null {
    if (this.level !== 'full') return null;
    const { reserveBytes } = roomLimits(this.retention, this.space.totalBytes);
    const left = mebibytes(this.space.freeBytes);
    return `the disk of ${this.mediaDir} has ${left} left, of which ${mebibytes(reserveBytes)} are kept free (retention.disk.reserve)`;
  }

  refused(streamId: string): void {
    const nowMs = performance.now();
    if (nowMs - (this.refusedAtMs.get(streamId) ?? -Infinity) < REFUSED_EVERY_MS) return;
    this.refusedAtMs.set(streamId, nowMs);
    this.services
      .refused(streamId)
      .catch((error: unknown) => this.services.logger.warn('That media was turned away is not on record', { streamId, error }));
  }

  onStop(listener: () => void): void {
    this.stopListeners.push(listener);
  }

  /** Hears, with every look, of too little room, and once that it is over. */
  onLow(listener: () => void): void {
    this.lowListeners.push(listener);
  }

  async look(): Promise<void> {
    this.space = await (this.services.space ?? diskSpace)(this.mediaDir);
    const limits = roomLimits(this.retention, this.space.totalBytes);
    const was = this.level;
    this.level = levelOf(this.space, limits, was);
    if (this.level !== 'ok' || was !== 'ok') for (const listener of this.lowListeners) listener();
    if (this.level === was) return;
    const facts = { freeBytes: this.space.freeBytes, ...limits };
    if (this.level === 'full') {
      this.services.logger.error('There is no room to record: recording stops until there is', facts);
      for (const listener of this.stopListeners) listener();
    } else if (was === 'full') {
      this.refusedAtMs.clear();
      this.services.logger.info('There is room again: recording goes on', facts);
    } else if (this.level === 'low') this.services.logger.warn('The media disk is getting full: the oldest media goes', facts);
  }
}

const mebibytes = (bytes: number | null): string => (bytes === null ? 'an unknown amount' : `${Math.floor(bytes / 1024 ** 2)} MiB`);
