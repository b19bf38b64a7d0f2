import type { AnalysisResult, JsonObject } from '../../plugin-api/index.js';

/** Before the names that a backfill found. */
export const prefixOf = (backfillId: string): string => `${backfillId.slice(0, 8)}:`;

/**
 * Names within a stream that an analyzer counts up (events, tracks), so that those of a backfill are no live one's.
 * @param backfillId of which the first eight characters go before each name
 */
export function placedApart(backfillId: string, results: readonly AnalysisResult[]): AnalysisResult[] {
  const apart = (name: string): string => `${prefixOf(backfillId)}${name}`;
  return results.map((result) => {
    switch (result.type) {
      case 'event':
        return { ...result, key: apart(result.key), ...(result.data === undefined ? {} : { data: tracksApart(result.data, apart) }) };
      case 'evidence':
        return { ...result, key: apart(result.key) };
      case 'detection':
        return result.trackId === undefined ? result : { ...result, trackId: apart(result.trackId) };
      default:
        return result;
    }
  });
}

const tracksApart = (data: JsonObject, apart: (name: string) => string): JsonObject =>
  typeof data['trackId'] === 'string' ? { ...data, trackId: apart(data['trackId']) } : data;
