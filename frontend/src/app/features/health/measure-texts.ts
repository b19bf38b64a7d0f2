import type { StreamHealthWire } from '../../api/models';
import type { HealthTexts } from '../../i18n/health/en';
import type { Formats } from '../../i18n/locale-format';
import type { Say } from '../../i18n/texts';

export interface HealthWords {
  readonly t: Say<HealthTexts>;
  readonly format: Formats;
}

/** Less than that is told by no digit. */
const NO_DRIFT_MS = 50;

/** What is measured, as far as it is known: "3.0 Mbit/s", "29.9 of 30 fps", "keyframes every 2.0 s", … */
export function measureTexts(measures: StreamHealthWire['measures'] | null, { t, format }: HealthWords): string[] {
  if (measures === null) return [];
  const { bitrateBps, frameRateFps, declaredFrameRateFps, keyframeIntervalMs, hasSound, analysisLagMs, driftMs, failedShare } = measures;
  const seconds = (ms: number): string => format.number(ms / 1000, 1);
  const rate = (fps: number): string => format.number(fps, Number.isInteger(Math.round(fps * 10) / 10) ? 0 : 1);
  return [
    measures.videoProfile,
    bitrateBps === null ? null : t('measures.bitrate', { megabits: format.number(bitrateBps / 1_000_000, 1) }),
    frameRateFps === null
      ? null
      : declaredFrameRateFps === null
        ? t('measures.rate', { fps: rate(frameRateFps) })
        : t('measures.rateOf', { fps: rate(frameRateFps), declared: rate(declaredFrameRateFps) }),
    keyframeIntervalMs === null ? null : t('measures.keyframes', { seconds: seconds(keyframeIntervalMs) }),
    hasSound === null ? null : t(hasSound ? 'measures.sound' : 'measures.noSound'),
    driftMs === null || Math.abs(driftMs) < NO_DRIFT_MS ? null : t('measures.drift', { seconds: seconds(driftMs) }),
    analysisLagMs === null ? null : t('measures.behind', { duration: format.duration(analysisLagMs) }),
    failedShare === null || failedShare === 0 ? null : t('measures.failed', { share: format.share(failedShare) }),
  ].filter((text) => text !== null);
}
