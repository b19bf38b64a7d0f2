import type { StreamHealthWire, StreamVerdictWire } from '../api/models';
import { brief, briefDuration, percent } from './format';

type Status = StreamVerdictWire['status'];
type Issue = StreamVerdictWire['issues'][number];

export const HEALTH_WORDS: Readonly<Record<Status, string>> = { good: 'Good', ok: 'Fair', bad: 'Bad', noData: 'No data' };

/** "Keyframes come every 8.3 s: set 2 s in OBS, Settings, Output". */
export const issueSentence = ({ reason, fix }: Pick<Issue, 'reason' | 'fix'>): string => `${reason}: ${fix}`;

/** What a row of the list says: the gravest issue, unless it is only worth knowing. */
export function shortVerdict({ status, issues }: StreamVerdictWire): string | null {
  const [gravest] = issues;
  return gravest === undefined || gravest.severity === 'info' || (status !== 'bad' && status !== 'ok') ? null : issueSentence(gravest);
}

/** What is measured, as far as it is known: "3.0 Mbit/s", "29.9 of 30 fps", "keyframes every 2.0 s", … */
export function measureTexts(measures: StreamHealthWire['measures'] | null): string[] {
  if (measures === null) return [];
  const { bitrateBps, frameRateFps, declaredFrameRateFps, keyframeIntervalMs, hasSound, analysisLagMs, driftMs, failedShare } = measures;
  const declared = declaredFrameRateFps === null ? '' : ` of ${rate(declaredFrameRateFps)}`;
  return [
    measures.videoProfile,
    bitrateBps === null ? null : `${brief(bitrateBps / 1_000_000)} Mbit/s`,
    frameRateFps === null ? null : `${rate(frameRateFps)}${declared} fps`,
    keyframeIntervalMs === null ? null : `keyframes every ${(keyframeIntervalMs / 1000).toFixed(1)} s`,
    hasSound === null ? null : hasSound ? 'sound' : 'no sound',
    driftMs === null ? null : `drift ${(driftMs / 1000).toFixed(1)} s`,
    analysisLagMs === null ? null : `analysis ${briefDuration(analysisLagMs)} behind`,
    failedShare === null || failedShare === 0 ? null : `${percent(failedShare)} of the runs failed`,
  ].filter((text) => text !== null);
}

const rate = (fps: number): string => String(Math.round(fps * 10) / 10);
