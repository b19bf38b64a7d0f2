import type { AnalysisMeasures, RunEndings } from './stream-measures.js';
import type { StreamHealthCode } from './stream-codes.js';
import { issueOf, type HealthIssue } from './health-issue.js';

const LAG_MS = 30_000;
const LAG_BAD_MS = 120_000;
const SKIPPED_SHARE = 0.05;
const BAD_SHARE = 0.5;
/** Nothing is missing then: the segment held nothing for the analyzer, or the operator wanted it so. */
const AS_WANTED = /^(no[-_]|disabled$|config-changed$|paused$|cancelled$)/;

/** Of runs that ended lately, and why; the share is null where none did. */
export interface EndedShare {
  readonly share: number | null;
  readonly reasons: readonly { readonly analyzerId: string; readonly reason: string | null; readonly count: number }[];
}

export const failedShare = ({ endings }: AnalysisMeasures): EndedShare => shareOf(endings, ({ state }) => state === 'failed');

/** Without those that were skipped because there was nothing to do, or because the operator said so. */
export const skippedShare = ({ endings }: AnalysisMeasures): EndedShare =>
  shareOf(endings, ({ state, reason }) => state === 'skipped' && !AS_WANTED.test(reason ?? ''));

/** Whether what comes in is analysed, and in time. */
export function judgeAnalysis(analysis: AnalysisMeasures, atMs: number): HealthIssue[] {
  return [...lag(analysis, atMs), ...ended(analysis, 'runs-failed', atMs), ...ended(analysis, 'runs-skipped', atMs)];
}

function lag({ waitingSinceMs, upToMs }: AnalysisMeasures, atMs: number): HealthIssue[] {
  const waitedMs = waitingSinceMs === null ? 0 : atMs - waitingSinceMs;
  if (waitedMs <= LAG_MS) return [];
  const severity = waitedMs >= LAG_BAD_MS ? 'error' : 'warning';
  const reason = `The oldest segment waits for its analysis since ${(waitedMs / 1000).toFixed(0)} s`;
  return [issueOf('analysis-lag', { severity, reason, sinceMs: waitingSinceMs, analysedUpToMs: upToMs })];
}

function ended(analysis: AnalysisMeasures, code: StreamHealthCode & `runs-${string}`, atMs: number): HealthIssue[] {
  const isFailed = code === 'runs-failed';
  const { share, reasons } = isFailed ? failedShare(analysis) : skippedShare(analysis);
  if (share === null || share === 0 || (!isFailed && share < SKIPPED_SHARE)) return [];
  const [first, ...others] = reasons;
  const more = others.length === 0 ? '' : `, and ${others.length} more`;
  const why = `${first?.analyzerId}: ${first?.reason ?? 'unknown'}${more}`;
  const reason = `${percent(share)} of the runs within 2 minutes ${isFailed ? 'failed' : 'were skipped'} (${why})`;
  const since = analysis.endings.filter(({ state }) => state === (isFailed ? 'failed' : 'skipped')).map(({ firstAtMs }) => firstAtMs);
  const severity = share >= BAD_SHARE ? 'error' : 'warning';
  return [issueOf(code, { severity, reason, sinceMs: Math.min(...since), analysedUpToMs: analysis.upToMs ?? atMs })];
}

/** The most frequent reason first. */
function shareOf(endings: readonly RunEndings[], counts: (ending: RunEndings) => boolean): EndedShare {
  const total = endings.reduce((sum, { count }) => sum + count, 0);
  const reasons = endings.filter(counts).toSorted((a, b) => b.count - a.count);
  return {
    share: total === 0 ? null : reasons.reduce((sum, { count }) => sum + count, 0) / total,
    reasons: reasons.map(({ analyzerId, reason, count }) => ({ analyzerId, reason, count })),
  };
}

const percent = (share: number): string => `${share < 0.01 ? 'Less than 1' : Math.round(share * 100)} %`;
