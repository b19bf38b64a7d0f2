import { z } from 'zod';

/** A stretch of a segment's file that players can have before the segment is complete. */
export interface SegmentPart {
  readonly offsetBytes: number;
  readonly sizeBytes: number;
  readonly durationUs: number;
  /** It can be decoded without anything before it. */
  readonly isIndependent: boolean;
}

/** What is written of one segment so far: its parts, from its beginning on and without a hole. */
export interface SegmentParts {
  readonly sequence: number;
  /** At least one. */
  readonly parts: readonly SegmentPart[];
  /** The last of them ends the segment. */
  readonly isComplete: boolean;
}

export interface EpochParts extends SegmentParts {
  readonly streamId: string;
  readonly epochId: string;
}

/** NOTIFY channels: what is written of open segments, and which epochs somebody wants to hear that of. */
export const PARTS_CHANNEL = 'vedette_parts';
export const PARTS_WANTED_CHANNEL = 'vedette_parts_wanted';

/** PostgreSQL takes less than 8000 bytes with a notification. */
const MAX_BYTES = 7900;
const count = z.number().int().nonnegative();
const form = z.object({
  streamId: z.uuid(),
  epochId: z.uuid(),
  sequence: count,
  isComplete: z.boolean(),
  /** Of each part its bytes, its microseconds, and whether it is independent. */
  parts: z.array(z.tuple([count.min(1), count.min(1), z.boolean()])).min(1),
});

/** @returns null when it is too much for one notification: a very long segment goes without parts */
export function partsToText({ streamId, epochId, sequence, isComplete, parts }: EpochParts): string | null {
  const rows = parts.map(({ sizeBytes, durationUs, isIndependent }) => [sizeBytes, durationUs, isIndependent]);
  const text = JSON.stringify({ streamId, epochId, sequence, isComplete, parts: rows });
  return text.length > MAX_BYTES ? null : text;
}

/** @returns null for what this version does not understand */
export function partsFromText(text: string): EpochParts | null {
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch {
    return null;
  }
  const read = form.safeParse(raw);
  if (!read.success) return null;
  let offsetBytes = 0;
  const parts = read.data.parts.map(([sizeBytes, durationUs, isIndependent]) => {
    const part = { offsetBytes, sizeBytes, durationUs, isIndependent };
    offsetBytes += sizeBytes;
    return part;
  });
  return { ...read.data, parts };
}
