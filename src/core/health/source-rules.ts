import type { StreamMeasures } from './stream-measures.js';
import { issueOf, type HealthIssue } from './health-issue.js';

/** Whether there is a source, and somebody who takes it in. */
export function judgeSource({ source, epoch, atMs }: StreamMeasures): HealthIssue[] {
  if (source === null || !source.isEnabled) return [];
  const { state, stateAtMs, silentSinceMs } = source;
  const told = { sinceMs: stateAtMs, analysedUpToMs: atMs };
  if (silentSinceMs !== null && (epoch?.isOpen === true || state === 'live')) {
    const reason = `Nothing was heard of its ingest node for ${wholeSeconds(atMs - silentSinceMs)} s`;
    return [issueOf('ingest-silent', { severity: 'error', reason, sinceMs: silentSinceMs, analysedUpToMs: atMs })];
  }
  if (state === 'failed') return [issueOf('source-failed', { severity: 'error', reason: 'The source failed', ...told })];
  if (state === 'retrying' && epoch?.isOpen !== true)
    return [issueOf('source-retrying', { severity: 'warning', reason: 'The source does not answer', ...told })];
  return [];
}

const wholeSeconds = (ms: number): string => (ms / 1000).toFixed(0);
