import { Injectable } from '@nestjs/common';
import type { BrandSightingWire } from '../../wire/brands.wire.js';
import { Database } from '../database.js';
import { evidenceFromRow, evidenceValue, type EvidenceRow } from './evidence-rows.js';

interface SightingRow {
  brand_id: string;
  stream_id: string;
  stream_name: string;
  event_id: string;
  start_at: Date;
  end_at: Date | null;
  evidence: EvidenceRow | null;
}

/** When brands were last seen: the newest event of each. */
@Injectable()
export class BrandSightings {
  constructor(private readonly database: Database) {}

  /**
   * Of brands that were seen on one of the streams; an appearance that goes on has no end.
   * @throws VD_API_QUERY_TIMEOUT
   */
  async last(brandIds: readonly string[], streamIds: readonly string[]): Promise<BrandSightingWire[]> {
    const rows = await this.database.bounded<SightingRow>(LAST, [brandIds, streamIds]);
    return rows.map((row) => ({
      brandId: row.brand_id,
      streamId: row.stream_id,
      streamName: row.stream_name,
      eventId: row.event_id,
      startAt: row.start_at.toISOString(),
      endAt: row.end_at?.toISOString() ?? null,
      evidence: row.evidence === null ? null : evidenceFromRow(row.event_id, row.evidence),
    }));
  }
}

/** $1 brands, $2 streams. By index for each brand, from its newest event backwards to the first that is of one of the streams. */
const LAST = `
SELECT b.id AS brand_id, v.stream_id, s.name AS stream_name, v.id::text AS event_id, v.start_at, v.end_at,
  CASE WHEN k.event_id IS NOT NULL THEN ${evidenceValue} END AS evidence
FROM unnest($1::uuid[]) AS b(id)
CROSS JOIN LATERAL (
  SELECT v.id, v.stream_id, v.start_at, v.end_at FROM events v
  WHERE v.data->>'subjectId' = b.id::text AND v.stream_id = ANY($2::uuid[]) ORDER BY v.start_at DESC LIMIT 1
) v
JOIN streams s ON s.id = v.stream_id
LEFT JOIN evidence k ON k.event_id = v.id
ORDER BY v.start_at DESC, v.id DESC`;
