import { InvalidInput } from './validation.pipe.js';

const RANGE = /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15})$/;

/** Which bytes of a file a request brings. */
export interface ContentRange {
  readonly firstByte: number;
  readonly lastByte: number;
  readonly totalBytes: number;
}

/** @returns null where the request brings all of it. @throws VD_API_INVALID */
export function contentRangeOf(header: string | undefined): ContentRange | null {
  if (header === undefined) return null;
  const [, first, last, total] = (RANGE.exec(header) ?? []).map(Number);
  if (first === undefined || last === undefined || total === undefined || first > last || last >= total) {
    throw new InvalidInput([{ path: 'Content-Range', message: 'expected `bytes <first>-<last>/<total>`' }]);
  }
  return { firstByte: first, lastByte: last, totalBytes: total };
}
