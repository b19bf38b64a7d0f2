import type { EvidenceWire } from '../../wire/evidence.wire.js';

type Part = EvidenceWire['box'];

/** What of an event's evidence is read with the event: all but the picture. */
export interface EvidenceRow {
  readonly pts_us: number;
  readonly rank: number;
  readonly box: Part;
  readonly region: Part;
  readonly width_px: number;
  readonly height_px: number;
}

/** Of `evidence k`, as one value. */
export const evidenceValue = `jsonb_build_object('pts_us', k.pts_us, 'rank', k.rank,
  'box', jsonb_build_object('x', k.x, 'y', k.y, 'width', k.width, 'height', k.height),
  'region', jsonb_build_object('x', k.region_x, 'y', k.region_y, 'width', k.region_width, 'height', k.region_height),
  'width_px', k.width_px, 'height_px', k.height_px)`;

export function evidenceFromRow(eventId: string, row: EvidenceRow): EvidenceWire {
  return {
    eventId,
    url: `/api/events/${eventId}/evidence?ptsUs=${row.pts_us}`,
    ptsUs: row.pts_us,
    rank: row.rank,
    box: row.box,
    region: row.region,
    widthPx: row.width_px,
    heightPx: row.height_px,
  };
}
