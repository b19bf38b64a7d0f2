import type { FrameLossReason } from '../encoded-frame.js';
import type { MediaAnnouncement } from './media-announcement.js';
import { unwrap } from './media-clock.js';
import type { StampedFrame } from './pushed-epoch.js';

/** So much of it is kept. */
const KEPT_MS = 3000;
/** So much sound alone, and no picture is waited for. */
const ALONE_MS = 2000;
/** The same where the publisher announced sound and no picture. */
const ANNOUNCED_ALONE_MS = 1000;
const MAX_FRAMES = 1000;
const MAX_BYTES = 1_000_000;

/** Sound that has come before it is known which epoch it belongs to. */
export class SoundAhead {
  private frames: StampedFrame[] = [];
  private sizeBytes = 0;

  constructor(private readonly lost: (frame: StampedFrame, reason: FrameLossReason) => void) {}

  add(frame: StampedFrame): void {
    this.frames.push(frame);
    this.sizeBytes += frame.data.length;
    while (this.frames.length > MAX_FRAMES || this.sizeBytes > MAX_BYTES || this.lengthMs > KEPT_MS) {
      const oldest = this.frames.shift();
      if (oldest === undefined) return;
      this.sizeBytes -= oldest.data.length;
      this.lost(oldest, 'no-keyframe');
    }
  }

  /** Whether the stream may be taken for one without a picture. */
  isLongEnough(announced: MediaAnnouncement | undefined): boolean {
    const isAnnounced = announced?.hasAudio === true && !announced.hasVideo;
    return this.lengthMs >= (isAnnounced ? ANNOUNCED_ALONE_MS : ALONE_MS);
  }

  take(): StampedFrame[] {
    this.sizeBytes = 0;
    return this.frames.splice(0);
  }

  lose(reason: FrameLossReason): void {
    for (const frame of this.take()) this.lost(frame, reason);
  }

  private get lengthMs(): number {
    const [first] = this.frames;
    const last = this.frames.at(-1);
    if (first === undefined || last === undefined) return 0;
    return Math.abs(unwrap(last.timestamp32, first.timestamp32) - first.timestamp32);
  }
}
