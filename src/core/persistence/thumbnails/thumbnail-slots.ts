import { MINUTE_MS, THUMBNAIL_LIMITS } from '../../plugin-api/index.js';

/** There is a thumbnail of every whole ten seconds of the wall clock at which there is media; its slot is their number since 1970. */
export const SLOT_MS = 10_000;
export const SLOT_US = SLOT_MS * 1000;

/** The thumbnails of a quarter of an hour are one sheet: each has the same place in it whatever others come. */
export const SHEET_MS = 15 * MINUTE_MS;
export const SHEET_SLOTS = SHEET_MS / SLOT_MS;
export const SHEET_COLUMNS = 10;
export const SHEET_ROWS = SHEET_SLOTS / SHEET_COLUMNS;

export const sheetOf = (slot: number): number => Math.floor(slot / SHEET_SLOTS);

/** Where in its sheet a slot's picture is, in pixels. */
export function placeInSheet(slot: number): { readonly x: number; readonly y: number } {
  const place = slot % SHEET_SLOTS;
  return { x: (place % SHEET_COLUMNS) * THUMBNAIL_LIMITS.widthPx, y: Math.floor(place / SHEET_COLUMNS) * THUMBNAIL_LIMITS.heightPx };
}

interface MediaSpan {
  readonly segment: { readonly ptsStartUs: number; readonly ptsEndUs: number };
  readonly epoch: { readonly startedAtMs: number; readonly ptsOriginUs: number };
}

/** What the wall clock says at pts 0 of an epoch, in µs since 1970. */
export const epochClockUs = ({ startedAtMs, ptsOriginUs }: MediaSpan['epoch']): number => startedAtMs * 1000 - ptsOriginUs;

/** The media times of a segment at which slots begin. */
export function slotTimesUs({ segment, epoch }: MediaSpan, most: number): number[] {
  const clockUs = epochClockUs(epoch);
  const times: number[] = [];
  for (let slot = Math.ceil((clockUs + segment.ptsStartUs) / SLOT_US); times.length < most; slot++) {
    const ptsUs = slot * SLOT_US - clockUs;
    if (ptsUs >= segment.ptsEndUs) break;
    times.push(ptsUs);
  }
  return times;
}
