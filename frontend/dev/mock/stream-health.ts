import type { StreamHealthWire, StreamVerdictWire, StreamWire } from '../../src/app/api/models';
import { iso } from './stage.ts';

const ISSUES_SINCE_MS = 90_000;

/** Of the live stream keyframes come seldom; of the others there is no data, or a fault. */
export function verdictOf({ state, stateAt }: StreamWire): StreamVerdictWire {
  const at = iso(Date.now());
  if (state === 'failed') {
    const fix = "correct the stream's settings; its state says what was refused";
    const failed = {
      code: 'source-failed',
      severity: 'error',
      reason: 'The source failed',
      fix,
      since: stateAt,
      analysedUpTo: at,
    } as const;
    return { status: 'bad', issues: [failed] };
  }
  if (state !== 'live') return { status: 'noData', issues: [] };
  const since = iso(Date.now() - ISSUES_SINCE_MS);
  const told = { severity: 'warning', since, analysedUpTo: at } as const;
  return {
    status: 'ok',
    issues: [
      {
        ...{ ...told, code: 'keyframe-interval-long', reason: 'Keyframes come every 8.3 s' },
        fix: "set 2 s in OBS, Settings, Output, or in the camera's settings",
      },
      {
        ...{ ...told, code: 'sound-gone', reason: 'No sound for 90.0 s, which there was before' },
        fix: "look at the encoder's sound source",
      },
    ],
  };
}

export const healthOf = (stream: StreamWire): StreamHealthWire => ({
  ...verdictOf(stream),
  streamId: stream.id,
  at: iso(Date.now()),
  measures: stream.state === 'live' ? MEASURED : UNKNOWN,
});

const UNKNOWN: StreamHealthWire['measures'] = {
  ...{ videoCodec: null, videoProfile: null, chroma: null, bitDepth: null, playableIn: null, audioCodec: null, hasSound: null },
  ...{ bitrateBps: null, frameRateFps: null, declaredFrameRateFps: null, keyframeIntervalMs: null, shortestKeyframeIntervalMs: null },
  ...{ longestKeyframeIntervalMs: null, noPictureMs: null, noKeyframeMs: null, mediaUpTo: null, segmentAgeMs: null, driftMs: null },
  ...{ jitterMs: null, gapsLastHour: [], reconnectsLastHour: 0, framesLostByCause: null, analysedUpTo: null, analysisLagMs: null },
  ...{ failedShare: null, failures: [], skippedShare: null, skips: [] },
};
const MEASURED: StreamHealthWire['measures'] = {
  ...UNKNOWN,
  ...{ videoCodec: 'h264', videoProfile: 'High', chroma: '4:2:0', bitDepth: 8, playableIn: 'all', audioCodec: 'aac', hasSound: false },
  ...{ bitrateBps: 2_970_000, frameRateFps: 29.94, declaredFrameRateFps: 30, keyframeIntervalMs: 8_333, segmentAgeMs: 900, jitterMs: 40 },
  ...{ analysisLagMs: 1_200, failedShare: 0, skippedShare: 0 },
};
