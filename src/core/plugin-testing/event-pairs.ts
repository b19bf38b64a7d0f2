import assert from 'node:assert/strict';
import type { AnalysisResult } from '../plugin-api/index.js';

/** Each occurrence starts once, ends at most once, and not before it started. @returns those that are open at the end */
export function assertEventsPair(results: readonly AnalysisResult[]): ReadonlySet<string> {
  const open = new Map<string, number>();
  const ended = new Set<string>();
  for (const event of results.filter((result) => result.type === 'event')) {
    if (event.phase === 'start') {
      assert.ok(!open.has(event.key) && !ended.has(event.key), `event ${event.key} starts twice`);
      open.set(event.key, event.ptsUs);
    } else {
      const since = open.get(event.key);
      assert.ok(since !== undefined, `event ${event.key} has a ${event.phase} without a start`);
      assert.ok(event.ptsUs >= since, `event ${event.key} has its ${event.phase} before its start`);
      if (event.phase === 'end') {
        open.delete(event.key);
        ended.add(event.key);
      }
    }
  }
  return new Set(open.keys());
}
