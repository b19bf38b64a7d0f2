import type { TimeSpan } from './timeline-window';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** Widths of buckets that the server adds up for ranges of about two hundred of them. */
const STEPS_MS = [
  ...[1, 2, 5, 10, 15, 30].map((n) => n * SECOND),
  ...[1, 2, 5, 10, 30].map((n) => n * MINUTE),
  ...[1, 3, 6, 12, 24].map((n) => n * HOUR),
];
/** Buckets of one piece: what is fetched, kept and renewed together. */
export const PIECE_BUCKETS = 20;
/** Pieces that one request asks for at most. */
const PIECES_AT_ONCE = 9;

/** The finest step that cuts a span into no more than so many buckets. */
export function stepFor(lengthMs: number, mostBuckets: number): number {
  return STEPS_MS.find((step) => lengthMs / step <= mostBuckets) ?? STEPS_MS.at(-1)!;
}

/** As the API writes it. */
export function stepText(stepMs: number): string {
  return stepMs < MINUTE ? `${stepMs / SECOND}s` : `${stepMs / MINUTE}m`;
}

export const pieceOf = (atMs: number, stepMs: number): number => Math.floor(atMs / (stepMs * PIECE_BUCKETS));

export function spanOfPieces(first: number, last: number, stepMs: number): TimeSpan {
  const length = stepMs * PIECE_BUCKETS;
  return { fromMs: first * length, toMs: (last + 1) * length };
}

/** Pieces that touch a span, those for which `isWanted` holds, neighbours joined into requests. */
export function missingRuns(span: TimeSpan, stepMs: number, isWanted: (piece: number) => boolean): { first: number; last: number }[] {
  const runs: { first: number; last: number }[] = [];
  for (let piece = pieceOf(span.fromMs, stepMs); piece <= pieceOf(span.toMs, stepMs); piece++) {
    if (!isWanted(piece)) continue;
    const run = runs.at(-1);
    if (run?.last === piece - 1 && piece - run.first < PIECES_AT_ONCE) run.last = piece;
    else runs.push({ first: piece, last: piece });
  }
  return runs;
}
