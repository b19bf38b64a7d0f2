const MAX_DELAY_FRAMES = 16;

/**
 * When frames are decoded, where their source does not say it: RTSP stamps when they are shown. The times of showing, put in order and
 * late by as many frames as the encoder puts out of order, are times of decoding.
 */
export class DecodeOrder {
  private readonly shown: number[] = [];
  private lastDtsUs = Number.NEGATIVE_INFINITY;
  private lastPtsUs: number | undefined;
  private readonly delay: number;

  /**
   * @param delayFrames how many frames are shown before one that was decoded before them
   * @param frameUs from one frame to the next
   */
  constructor(
    delayFrames: number,
    private readonly frameUs: number,
  ) {
    this.delay = Math.min(Math.max(0, delayFrames), MAX_DELAY_FRAMES);
  }

  /** Of a frame that has a time of either, or of neither: then it follows the one before. */
  place(dtsUs: number | undefined, ptsUs: number | undefined): { readonly dtsUs: number; readonly ptsUs: number } {
    const shownUs = ptsUs ?? dtsUs ?? (this.lastPtsUs === undefined ? 0 : this.lastPtsUs + this.frameUs);
    const decodedUs = dtsUs ?? this.ordered(shownUs);
    this.lastPtsUs = shownUs;
    this.lastDtsUs = decodedUs;
    return { dtsUs: decodedUs, ptsUs: shownUs };
  }

  private ordered(shownUs: number): number {
    if (this.delay === 0) return shownUs;
    this.shown.push(shownUs);
    this.shown.sort((a, b) => a - b);
    const missing = this.delay + 1 - this.shown.length;
    const decodedUs = missing > 0 ? this.shown[0]! - missing * this.frameUs : this.shown.shift()!;
    return Math.max(Math.min(shownUs, decodedUs), this.lastDtsUs);
  }
}
