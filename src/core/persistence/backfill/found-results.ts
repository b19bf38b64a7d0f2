import { inflateRawSync } from 'node:zlib';
import type { AnalysisResult } from '../../plugin-api/index.js';

/** What a run of a backfill found, as it is kept. */
export function resultsFrom(kept: Buffer | null): readonly AnalysisResult[] {
  return kept === null ? [] : (JSON.parse(inflateRawSync(kept).toString('utf8')) as AnalysisResult[]);
}
