import { parse } from 'range-parser';

/** Inclusive, as in HTTP. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** Of what range-parser gives as `code`. */
const MALFORMED = 1;

/**
 * Reads a Range header against a file's size.
 * @returns `whole` when there is none, or one that servers may ignore (several ranges, other units); `unsatisfiable` for 416
 */
export function byteRange(header: string | undefined, sizeBytes: number): ByteRange | 'whole' | 'unsatisfiable' {
  const { type, code, ranges } = parse(sizeBytes, header ?? '');
  if (type !== 'bytes' || (code & MALFORMED) !== 0 || ranges.length > 1) return 'whole';
  return ranges[0] ?? 'unsatisfiable';
}
