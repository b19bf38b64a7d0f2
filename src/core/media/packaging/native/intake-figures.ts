import type { EncodedFrame, FrameLossReason, PtsUs } from '../../../plugin-api/index.js';
import type { PackagerProgress } from '../packager.js';

interface TrackFigures {
  frames: number;
  firstUs: PtsUs;
  latestUs: PtsUs;
}

/** What has come in so far: what the health of a stream is judged by. */
export class IntakeFigures {
  private readonly tracks: Partial<Record<EncodedFrame['track'], TrackFigures>> = {};
  private bytes = 0;
  private hasNews = false;
  /** When the first frame came, and the latest, and where the media's clock was; the wall clock of this process. */
  private began: { readonly atMs: number; readonly ptsUs: PtsUs } | undefined;
  private latest = { atMs: 0, ptsUs: 0 };

  took({ track, ptsUs, data }: EncodedFrame, nowMs: number): void {
    const figures = (this.tracks[track] ??= { frames: 0, firstUs: ptsUs, latestUs: ptsUs });
    figures.frames += 1;
    figures.latestUs = Math.max(figures.latestUs, ptsUs);
    this.bytes += data.length;
    this.began ??= { atMs: nowMs, ptsUs };
    this.latest = { atMs: nowMs, ptsUs };
    this.hasNews = true;
  }

  /** What has come since it was asked last; undefined: nothing. */
  news(losses: Readonly<Partial<Record<FrameLossReason, number>>>, writeFault: Error | undefined): PackagerProgress | undefined {
    if (!this.hasNews || this.began === undefined) return undefined;
    this.hasNews = false;
    const { video, audio } = this.tracks;
    const positionUs = Math.max(video?.latestUs ?? Number.NEGATIVE_INFINITY, audio?.latestUs ?? Number.NEGATIVE_INFINITY);
    return {
      ...{ videoFrames: video?.frames ?? 0, audioFrames: audio?.frames ?? 0, positionUs, bytes: this.bytes, lostFrames: losses },
      ...(video && { videoPositionUs: video.latestUs }),
      ...(audio && { audioPositionUs: audio.latestUs }),
      driftUs: Math.round(this.latest.ptsUs - this.began.ptsUs - 1000 * (this.latest.atMs - this.began.atMs)),
      ...(writeFault && { writeFault }),
    };
  }
}
