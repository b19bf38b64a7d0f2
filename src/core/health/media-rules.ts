import { noPicture } from './live-rules.js';
import type { EpochMeasures, LiveMeasures, MediaMeasures } from './stream-measures.js';
import type { Severity } from './severity.js';
import type { StreamHealthCode } from './stream-codes.js';
import { issueOf, type HealthIssue } from './health-issue.js';

const KEYFRAMES_SELDOM_MS = 4_000;
const KEYFRAMES_TOO_SELDOM_MS = 10_000;
const IRREGULAR_MS = 1_000;
const IRREGULAR_SHARE = 0.5;
const FEW_FRAMES_SHARE = 0.8;
const TOO_FEW_FRAMES_SHARE = 0.5;
const HIGH_BPS = 50_000_000;
const LOW_BITS_PER_PIXEL = 0.01;

/** What the newest segments of an open epoch hold. */
export function judgeMedia(media: MediaMeasures, epoch: EpochMeasures, live: LiveMeasures | null): HealthIssue[] {
  return [...tracks(media), ...keyframes(media), ...frameRate(media, declaredFrameRate(epoch, live)), ...bitrate(media, epoch)];
}

/** What the source says apart from its pictures counts for more than what its encoder wrote into them. */
export const declaredFrameRate = (epoch: EpochMeasures, live: LiveMeasures | null): number | null =>
  live?.declaredFrameRateFps ?? epoch.declaredFrameRateFps;

function tracks(media: MediaMeasures): HealthIssue[] {
  const { unreadable, pictureGoneSinceMs, soundGoneSinceMs, endsAtMs } = media;
  const found: HealthIssue[] = [];
  if (unreadable !== null) {
    const { sequence, error, atMs, isNewest } = unreadable;
    found.push(said(media, 'segment-unreadable', isNewest ? 'error' : 'warning', `Segment ${sequence} is lost (${codeOf(error)})`, atMs));
  }
  if (pictureGoneSinceMs !== null) found.push(noPicture(endsAtMs - pictureGoneSinceMs, endsAtMs));
  if (soundGoneSinceMs !== null) {
    const reason = `No sound for ${seconds(endsAtMs - soundGoneSinceMs)} s, which there was before`;
    found.push(said(media, 'sound-gone', 'warning', reason, soundGoneSinceMs));
  }
  return found;
}

function keyframes(media: MediaMeasures): HealthIssue[] {
  const { keyframesGoneSinceMs, keyframeIntervalMs, shortestKeyframeIntervalMs, longestKeyframeIntervalMs, sinceMs } = media;
  if (keyframesGoneSinceMs !== null)
    return [said(media, 'intra-refresh', 'warning', 'The pictures have no keyframes (intra refresh)', keyframesGoneSinceMs)];
  if (keyframeIntervalMs === null || shortestKeyframeIntervalMs === null || longestKeyframeIntervalMs === null) return [];
  if (keyframeIntervalMs > KEYFRAMES_SELDOM_MS) {
    const severity = keyframeIntervalMs >= KEYFRAMES_TOO_SELDOM_MS ? 'error' : 'warning';
    return [said(media, 'keyframe-interval-long', severity, `Keyframes come every ${seconds(keyframeIntervalMs)} s`, sinceMs)];
  }
  const differenceMs = longestKeyframeIntervalMs - shortestKeyframeIntervalMs;
  if (differenceMs <= Math.max(IRREGULAR_MS, IRREGULAR_SHARE * keyframeIntervalMs)) return [];
  const reason = `Keyframes come every ${seconds(shortestKeyframeIntervalMs)} to ${seconds(longestKeyframeIntervalMs)} s`;
  return [said(media, 'keyframes-irregular', 'info', reason, sinceMs)];
}

function frameRate(media: MediaMeasures, declaredFps: number | null): HealthIssue[] {
  const { frameRateFps, sinceMs } = media;
  if (frameRateFps === null || declaredFps === null || frameRateFps >= FEW_FRAMES_SHARE * declaredFps) return [];
  const severity = frameRateFps < TOO_FEW_FRAMES_SHARE * declaredFps ? 'error' : 'warning';
  return [said(media, 'frame-rate-low', severity, `${rate(frameRateFps)} of ${rate(declaredFps)} frames a second come`, sinceMs)];
}

function bitrate(media: MediaMeasures, { widthPx, heightPx }: EpochMeasures): HealthIssue[] {
  const { bitrateBps, frameRateFps, sinceMs } = media;
  if (bitrateBps === null) return [];
  if (bitrateBps > HIGH_BPS) return [said(media, 'bitrate-high', 'warning', `${megabits(bitrateBps)} Mbit/s come`, sinceMs)];
  if (frameRateFps === null || widthPx === null || heightPx === null) return [];
  if (bitrateBps >= LOW_BITS_PER_PIXEL * widthPx * heightPx * frameRateFps) return [];
  const reason = `${megabits(bitrateBps)} Mbit/s for ${widthPx}×${heightPx} at ${rate(frameRateFps)} frames a second come`;
  return [said(media, 'bitrate-low', 'info', reason, sinceMs)];
}

const said = ({ endsAtMs }: MediaMeasures, code: StreamHealthCode, severity: Severity, reason: string, sinceMs: number): HealthIssue =>
  issueOf(code, { severity, reason, sinceMs, analysedUpToMs: endsAtMs });

/** What else it says may name folders of the machine. */
const codeOf = (error: string): string => error.split(':')[0]!;

const seconds = (ms: number): string => (ms / 1000).toFixed(1);
const rate = (fps: number): string => String(Math.round(fps * 10) / 10);
const megabits = (bps: number): string => (bps / 1_000_000).toFixed(bps < 1_000_000 ? 2 : 1);
