import assert from 'node:assert/strict';
import { type AnalyzerInput, isEvidence, RESULT_LIMITS, wantsPictures } from '../plugin-api/index.js';
import { type AnalyzerSessions, type Shown, streamNamed } from './analyzer-sessions.js';
import type { TestRunner } from './test-runner.js';

/**
 * What core keeps as evidence: of a picture of the segment at hand, of an event told of with it, of no more events than there is room for.
 */
export function describeEvidence(
  it: TestRunner['it'],
  sessions: AnalyzerSessions,
  input: AnalyzerInput,
  segments: readonly Shown[][],
): void {
  it('asks for evidence that core can keep', () =>
    sessions.use(async (session) => {
      const stream = streamNamed('a');
      await session.open(stream);
      for (const [sequence, batches] of segments.entries()) {
        const isLast = sequence === segments.length - 1;
        const results: Parameters<typeof session.close>[1] = [];
        await session.segment(stream, batches, sequence, results);
        if (isLast) await session.close(stream, results);
        const asked = results.filter(isEvidence);
        assert.ok(asked.length === 0 || (wantsPictures(input) && input.evidence === true), 'input: evidence');
        const told = new Set(results.flatMap((result) => (result.type === 'event' ? [result.key] : [])));
        const shown = new Set(batches.flatMap(({ frames }) => frames.map(({ ptsUs }) => ptsUs)));
        for (const { key, ptsUs } of asked) {
          assert.ok(told.has(key), `evidence of ${key}, of which nothing is told in segment ${sequence}`);
          assert.ok(shown.has(ptsUs), `evidence at ptsUs ${ptsUs}, which is no frame of segment ${sequence}`);
        }
        assert.ok(new Set(asked.map(({ key }) => key)).size <= RESULT_LIMITS.evidencePerRun, 'evidence of too many events');
      }
    }));
}
