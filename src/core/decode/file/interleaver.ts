import type { EncodedFrame } from '../../plugin-api/index.js';

/** How much further one track may be read than the other before it is given alone. */
const MOST_APART_US = 3_000_000;

/** Puts the frames of two tracks into one order, by when they are decoded, however a file or an encoder mixes them. */
export class Interleaver {
  private hasGivenPicture = false;
  private readonly waiting: Record<EncodedFrame['track'], EncodedFrame[]> = { video: [], audio: [] };

  constructor(private readonly hasSound: boolean) {}

  /** @returns what can be given by now */
  put(frame: EncodedFrame): EncodedFrame[] {
    this.waiting[frame.track].push(frame);
    return this.take(false);
  }

  /** Nothing comes any more. */
  finish(): EncodedFrame[] {
    return this.take(true);
  }

  private take(isOver: boolean): EncodedFrame[] {
    const { video, audio } = this.waiting;
    if (!this.hasSound) return video.splice(0);
    const given: EncodedFrame[] = [];
    for (;;) {
      const [picture, sound] = [video[0], audio[0]];
      // What is heard before the first picture goes into its segment.
      const isPictureFirst = picture !== undefined && (!this.hasGivenPicture || sound === undefined || picture.dtsUs <= sound.dtsUs);
      const queue = isPictureFirst ? video : audio;
      const isSettled = picture !== undefined && (sound !== undefined || !this.hasGivenPicture);
      const last = queue.at(-1);
      if (last === undefined || (!isSettled && !isOver && last.dtsUs - queue[0]!.dtsUs < MOST_APART_US)) return given;
      this.hasGivenPicture ||= isPictureFirst;
      given.push(queue.shift()!);
    }
  }
}
