import { failedShare, skippedShare } from '../../health/analysis-rules.js';
import { playableIn, profileName } from '../../health/codec-rules.js';
import { declaredFrameRate } from '../../health/media-rules.js';
import type { StreamMeasures } from '../../health/stream-measures.js';
import type { StreamHealthWire, StreamMeasuresWire, StreamStatusWire } from '../../wire/health.wire.js';
import type { JudgedStream } from './health-reads.js';

export function statusOnWire({ streamId, status, issues }: JudgedStream): StreamStatusWire {
  return {
    streamId,
    status,
    issues: issues.map(({ sinceMs, analysedUpToMs, ...issue }) => ({
      ...issue,
      since: isoOf(sinceMs),
      analysedUpTo: isoOf(analysedUpToMs),
    })),
  };
}

export const healthOnWire = (judged: JudgedStream): StreamHealthWire => ({
  ...statusOnWire(judged),
  at: new Date(judged.measures.atMs).toISOString(),
  measures: measuresOnWire(judged.measures),
});

function measuresOnWire({ atMs, epoch, media, live, gaps, reconnectsLastHour, analysis }: StreamMeasures): StreamMeasuresWire {
  const open = epoch?.isOpen === true ? epoch : null;
  const failed = analysis === null ? null : failedShare(analysis);
  const skipped = analysis === null ? null : skippedShare(analysis);
  return {
    videoCodec: open?.videoCodec ?? null,
    videoProfile: open === null ? null : profileName(open),
    chroma: open?.chroma ?? null,
    bitDepth: open?.bitDepth ?? null,
    playableIn: open === null ? null : playableIn(open),
    audioCodec: open?.audioCodec ?? null,
    hasSound: media?.hasSound ?? null,
    bitrateBps: media?.bitrateBps ?? null,
    frameRateFps: media?.frameRateFps ?? null,
    declaredFrameRateFps: open === null ? null : declaredFrameRate(open, live?.measures ?? null),
    keyframeIntervalMs: media?.keyframeIntervalMs ?? null,
    shortestKeyframeIntervalMs: media?.shortestKeyframeIntervalMs ?? null,
    longestKeyframeIntervalMs: media?.longestKeyframeIntervalMs ?? null,
    noPictureMs: live?.measures.noPictureMs ?? null,
    noKeyframeMs: live?.measures.noKeyframeMs ?? null,
    mediaUpTo: isoOf(media?.endsAtMs ?? null),
    segmentAgeMs: media === null ? null : Math.max(0, atMs - media.registeredAtMs),
    driftMs: media?.driftMs ?? null,
    jitterMs: media?.jitterMs ?? null,
    gapsLastHour: gaps.map(({ reason, lastHour }) => ({ reason, count: lastHour })),
    reconnectsLastHour,
    framesLostByCause: live?.measures.framesLostByCause ?? null,
    analysedUpTo: isoOf(analysis?.upToMs ?? null),
    analysisLagMs: analysis === null ? null : analysis.waitingSinceMs === null ? 0 : Math.max(0, atMs - analysis.waitingSinceMs),
    failedShare: failed?.share ?? null,
    failures: [...(failed?.reasons ?? [])],
    skippedShare: skipped?.share ?? null,
    skips: [...(skipped?.reasons ?? [])],
  };
}

const isoOf = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());
