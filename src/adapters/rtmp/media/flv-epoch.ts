import type { EpochHandle } from 'vedette/plugin';
import type { FlowGate } from './flow-gate.js';
import { flvHeader, flvMetadataTag, flvTag, TagType } from './flv.js';
import type { MediaAnnouncement } from '../protocol/command.js';

/** Opens the epoch at core; rejects when core cannot. */
export type OpenEpoch = () => Promise<EpochHandle>;

/**
 * One epoch on its way to the packager. Tags wait here until the packager is there; from then on they go through at once,
 * and the publisher is held while the packager's buffer is full.
 */
export class FlvEpoch {
  private waiting: Buffer[] = [];
  private waitingBytes = 0;
  private handle: EpochHandle | undefined;
  private opening: Promise<EpochHandle | undefined> | undefined;
  private release: (() => void) | undefined;

  constructor(
    /** The publisher's time that is 0 in the epoch. */
    readonly baseMs: number,
    readonly avcRecord: Buffer,
    private readonly flow: FlowGate,
  ) {}

  /** Sequence header of the audio, known when the epoch begins; undefined where there is none. */
  aacConfig: Buffer | undefined;

  get begun(): boolean {
    return this.opening !== undefined;
  }

  get heldBytes(): number {
    return this.waitingBytes;
  }

  /** Writes the head of the file before all that waits, and opens the epoch. */
  begin(open: OpenEpoch, aacConfig: Buffer | undefined, announced: MediaAnnouncement | undefined): Promise<EpochHandle | undefined> {
    this.aacConfig = aacConfig;
    const hasAudio = aacConfig !== undefined;
    const head = [
      flvHeader(hasAudio),
      flvMetadataTag(hasAudio, announced),
      flvTag(TagType.video, 0, Buffer.concat([Buffer.from([0x17, 0, 0, 0, 0]), this.avcRecord])),
    ];
    if (aacConfig !== undefined) head.push(flvTag(TagType.audio, 0, Buffer.concat([Buffer.from([0xaf, 0]), aacConfig])));
    this.waiting.unshift(...head);
    const release = this.flow.hold();
    this.opening = open().then((handle) => {
      this.handle = handle;
      const waiting = this.waiting;
      this.waiting = [];
      for (const tag of waiting) this.pass(handle, tag);
      return handle;
    });
    return this.opening.finally(release);
  }

  write(tag: Buffer): void {
    if (this.handle !== undefined) return this.pass(this.handle, tag);
    this.waiting.push(tag);
    this.waitingBytes += tag.length;
  }

  /** Ends the epoch once it is open. Resolves when the packager has stopped. */
  async end(reason: string): Promise<void> {
    const handle = await this.opening;
    await handle?.end(reason);
    this.release?.();
  }

  private pass(handle: EpochHandle, tag: Buffer): void {
    if (handle.write(tag) || this.release !== undefined) return;
    const release = this.flow.hold();
    this.release = () => {
      this.release = undefined;
      release();
    };
    const resume = () => this.release?.();
    handle.drained().then(resume, resume);
  }
}
