import { printable } from '../postgres-text.js';
import type { Settlement } from './run-ledger.js';

/** How an attempt ended, as the settle statement reads it. */
export function settlementRow(settlement: Settlement): Record<string, unknown> {
  const { runId, attempt, strategy, strategyReason, executedBy, wallMs, decodeCpuMs, cost } = settlement;
  const row = {
    id: runId,
    attempt,
    strategy,
    strategy_reason: text(strategyReason),
    executed_by: text(executedBy),
    wall_ms: wallMs,
    decode_cpu_ms: decodeCpuMs,
    cost,
  };
  switch (settlement.state) {
    case 'done':
    case 'partial':
      return {
        ...row,
        state: settlement.state,
        reason: text(settlement.reason),
        frames_seen: settlement.framesSeen,
        frames_expected: settlement.framesExpected,
        result_count: settlement.results.length,
        cpu_ms: settlement.cpuMs,
        checkpoint: settlement.checkpoint,
      };
    case 'skipped':
      return { ...row, state: 'skipped', reason: settlement.reason };
    case 'failed':
      return {
        ...row,
        state: settlement.retryInMs === undefined ? 'failed' : 'queued',
        reason: text(settlement.reason),
        code: settlement.code,
        message: printable(settlement.message),
        retry_in_ms: settlement.retryInMs,
        drops_state: settlement.dropsState,
      };
    case 'returned':
      return { ...row, state: 'queued', retry_in_ms: settlement.retryInMs ?? 0, is_deferred: true };
  }
}

const text = (said: string | undefined): string | undefined => (said === undefined ? undefined : printable(said));
