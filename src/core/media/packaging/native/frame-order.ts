import type { EncodedFrame, FrameLossReason, PtsUs } from '../../../plugin-api/index.js';

/** Shown further from when it is decoded than any encoder has reason for. */
const MAX_COMPOSITION_US = 10_000_000;

/** Says which frames cannot be taken, whoever gives them: a segment is read by its timestamps. */
export class FrameOrder {
  private readonly lastDtsUs: Partial<Record<EncodedFrame['track'], PtsUs>> = {};

  constructor(private readonly tracks: { readonly video: boolean; readonly audio: boolean }) {}

  /** @returns why the frame cannot be taken; undefined: it can */
  refuse({ track, dtsUs, ptsUs, data }: EncodedFrame): FrameLossReason | undefined {
    if (!this.tracks[track]) return 'codec-unsupported';
    if (!Number.isSafeInteger(dtsUs) || !Number.isSafeInteger(ptsUs) || data.length === 0) return 'damaged';
    if (Math.abs(ptsUs - dtsUs) > MAX_COMPOSITION_US) return 'composition-offset';
    if (dtsUs < (this.lastDtsUs[track] ?? dtsUs)) return 'clock-jump';
    this.lastDtsUs[track] = dtsUs;
    return undefined;
  }
}
