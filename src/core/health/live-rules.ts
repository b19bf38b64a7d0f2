import type { LiveMeasures } from './stream-measures.js';
import { issueOf, type HealthIssue } from './health-issue.js';

/**
 * What an epoch that goes on shows before it makes a segment.
 * @param atMs when it was measured
 */
export function judgeLive({ noPictureMs, noKeyframeMs, writeFault }: LiveMeasures, atMs: number): HealthIssue[] {
  const interrupted = writeFault === null ? [] : [recordingInterrupted(writeFault, atMs)];
  if (noPictureMs !== null) return [...interrupted, noPicture(noPictureMs, atMs)];
  return noKeyframeMs === null ? interrupted : [...interrupted, noKeyframe(noKeyframeMs, atMs)];
}

function recordingInterrupted(writeFault: string, atMs: number): HealthIssue {
  const reason = `Recording is interrupted, which is no fault of the source: ${writeFault}`;
  return issueOf('recording-interrupted', { severity: 'error', reason, sinceMs: atMs, analysedUpToMs: atMs });
}

function noKeyframe(noKeyframeMs: number, atMs: number): HealthIssue {
  const reason = `No keyframe for ${wholeSeconds(noKeyframeMs)} s, so that no segment ends and nothing is analysed`;
  return issueOf('no-keyframe', { severity: 'error', reason, sinceMs: atMs - noKeyframeMs, analysedUpToMs: atMs });
}

/** @param atMs up to when nothing came */
export function noPicture(silentMs: number, atMs: number): HealthIssue {
  const reason = `No picture for ${wholeSeconds(silentMs)} s while the sound goes on`;
  return issueOf('no-picture', { severity: 'error', reason, sinceMs: atMs - silentMs, analysedUpToMs: atMs });
}

const wholeSeconds = (ms: number): string => (ms / 1000).toFixed(0);
