import { judgeAnalysis } from './analysis-rules.js';
import { judgeCodec } from './codec-rules.js';
import { judgeContinuity, judgeOverdue } from './continuity-rules.js';
import { judgeLive } from './live-rules.js';
import { judgeMedia } from './media-rules.js';
import { judgeSource } from './source-rules.js';
import type { StreamMeasures } from './stream-measures.js';
import { byGravity, type HealthIssue, type HealthStatus } from './health-issue.js';

export interface StreamVerdict {
  readonly status: HealthStatus;
  /** The gravest first. */
  readonly issues: readonly HealthIssue[];
}

/**
 * What is to be said of a stream, by its measures alone: whoever asks, by whatever way, is told the same.
 * @example judgeStream(measures).issues[0].reason // "Keyframes come every 8.3 s"
 */
export function judgeStream(measures: StreamMeasures): StreamVerdict {
  const { epoch } = measures;
  const found = byGravity(once([...judgeSource(measures), ...(epoch?.isOpen === true ? judgeEpoch(measures, epoch) : [])]));
  const gravest = found[0]?.severity;
  if (gravest === 'error') return { status: 'bad', issues: found };
  if (epoch?.isOpen !== true || measures.media === null) return { status: 'noData', issues: found };
  return { status: gravest === 'warning' ? 'ok' : 'good', issues: found };
}

function judgeEpoch(measures: StreamMeasures, epoch: NonNullable<StreamMeasures['epoch']>): HealthIssue[] {
  const { atMs, live, media, analysis } = measures;
  const now = live === null ? [] : judgeLive(live.measures, live.atMs);
  return [
    ...now,
    // Without pictures or keyframes no segment ends: that is told already.
    ...(now.length > 0 || (measures.source?.silentSinceMs ?? null) !== null ? [] : judgeOverdue(media, epoch.startedAtMs, atMs)),
    ...(media === null ? [] : judgeMedia(media, epoch, live?.measures ?? null)),
    ...judgeCodec(epoch, media?.endsAtMs ?? atMs),
    ...judgeContinuity(measures),
    ...(analysis === null ? [] : judgeAnalysis(analysis, atMs)),
  ];
}

/** What the live epoch and its segments both show is told once, by what is newer. */
const once = (issues: readonly HealthIssue[]): HealthIssue[] =>
  [...Map.groupBy(issues, ({ code }) => code).values()].map(([first]) => first!);
