import { z } from 'zod';
import { nameSchema } from '../plugin-api/index.js';
import { instant, int, page, text, uuid } from './fields.js';
import { listCursor } from './list-cursor.js';
import { JOB_STATES } from './job-states.js';

/** What REST takes and gives of clips, cases and links to them. */
const iso = z.iso.datetime();
const ptsUs = z.number().int().min(-Number.MAX_SAFE_INTEGER).max(Number.MAX_SAFE_INTEGER);
const bytes = z.number().int().nonnegative();
const MOST_ITEMS = 100;
const [LEAST_SHARE_S, MOST_SHARE_S] = [60, 365 * 86_400];

export const clipMode = z
  .enum(['copy', 'exact', 'burned'])
  .describe(
    'copy: as recorded, from the segment at or before `from` to the end of the one that holds `to`. exact: from the frame on show at ' +
      '`from` to the one on show at `to`; only what must be is encoded anew. burned: as exact, with boxes of detections drawn in',
  );

/** Wall clock, or the media clock of one epoch. */
const range = {
  streamId: uuid,
  from: instant.optional(),
  to: instant.optional(),
  epochId: uuid.optional().describe('With fromPtsUs and toPtsUs, instead of from and to'),
  fromPtsUs: ptsUs.optional(),
  toPtsUs: ptsUs.optional(),
};
const title = nameSchema(200);

export const clipBody = z.strictObject({ ...range, mode: clipMode.default('copy'), title: title.optional() });
export const clipQuery = z.strictObject({ streamId: uuid.optional(), after: listCursor.optional(), limit: page(200, 50) });
export const fileQuery = z.strictObject({ inline: z.enum(['1']).optional().describe('Shown, not saved, by a browser') });

export const exportState = z.enum(JOB_STATES);
const job = {
  id: uuid,
  title: z.string(),
  state: exportState,
  progress: z.number().min(0).max(1),
  detail: z.string().nullable().describe('Why it failed'),
  errorCode: z.string().nullable(),
  sizeBytes: bytes.nullable(),
  sha256: z.string().nullable().describe('Of the file'),
  createdAt: iso,
  startedAt: iso.nullable(),
  finishedAt: iso.nullable(),
  expiresAt: iso.describe('It is deleted then'),
  createdBy: z.string(),
};

export const clipResultWire = z.object({
  parts: z
    .array(
      z.object({
        epochId: uuid,
        fromPtsUs: ptsUs.describe('First frame (exact, burned), or where the first segment begins (copy)'),
        toPtsUs: ptsUs.describe('Last frame (exact, burned), or where the last segment ends (copy)'),
        from: iso,
        to: iso,
        atMs: z.number().describe('Where it begins in the clip. Pauses between epochs are left out, those within an epoch are kept'),
        durationMs: z.number(),
        encoded: z.enum(['nothing', 'ends', 'all']).describe('What was encoded anew'),
        encodedWhy: z.string().optional().describe('Why all of it was, where that was not asked for'),
      }),
    )
    .describe('One for each epoch'),
  missing: z.array(
    z.object({
      epochId: uuid,
      fromPtsUs: ptsUs,
      toPtsUs: ptsUs,
      from: iso,
      to: iso,
      reason: z.enum(['deleted', 'lost', 'unreadable', 'gap']),
    }),
  ),
});

export const clipWire = z.object({
  ...job,
  streamId: uuid,
  caseId: uuid.nullable(),
  mode: clipMode,
  from: iso,
  to: iso,
  epochId: uuid.nullable(),
  fromPtsUs: ptsUs.nullable(),
  toPtsUs: ptsUs.nullable(),
  result: clipResultWire.nullable().describe('What the clip really has; null until it is done'),
});

const caseItem = z.strictObject({ ...range, mode: clipMode.default('copy'), title: title.optional() });
export const caseBody = z.strictObject({ title, items: z.array(caseItem).min(1).max(MOST_ITEMS) });
export const caseQuery = z.strictObject({ after: listCursor.optional(), limit: page(200, 50) });
export const caseWire = z.object({
  id: uuid,
  title: z.string(),
  state: exportState.describe('done: all clips have ended, and one at least is done'),
  progress: z.number().min(0).max(1),
  detail: z.string().nullable().describe('Which clips are not part of it'),
  createdAt: iso,
  expiresAt: iso,
  createdBy: z.string(),
  clips: z.array(clipWire),
});

const expiresInSeconds = z.number().int().min(LEAST_SHARE_S).max(MOST_SHARE_S);
export const shareBody = z.strictObject({
  clipId: uuid.optional(),
  ...range,
  streamId: uuid.optional().describe('With a range, instead of clipId: a clip of it is made'),
  mode: clipMode.default('copy'),
  title: title.optional(),
  expiresInSeconds,
  maxViews: z.number().int().min(1).max(1_000_000).optional().describe('After so many the link is at its end'),
});
export const shareQuery = z.strictObject({ clipId: uuid.optional(), after: listCursor.optional(), limit: page(200, 50) });
export const shareWire = z.object({
  id: uuid,
  clipId: uuid,
  title: z.string(),
  createdAt: iso,
  createdBy: z.string(),
  expiresAt: iso,
  maxViews: z.number().int().nullable(),
  views: z.number().int(),
  lastUsedAt: iso.nullable(),
  lastUsedAddress: z.string().nullable(),
  revokedAt: iso.nullable(),
  revokedBy: z.string().nullable(),
});
export const newShareWire = shareWire.extend({
  url: z.string().describe('The link. Whoever has it sees the clip; it is told this once'),
});
export const shareParams = z.strictObject({ token: text(200) });
export const viewQuery = z.object({ view: text(200).optional().catch(undefined) });

export const snapshotQuery = z.strictObject({
  epochId: uuid.optional(),
  ptsUs: int(-Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER).optional().describe('With epochId: a moment of its media clock'),
  at: instant.optional().describe('Instead of both: a time'),
  format: z.enum(['jpeg', 'png']).default('jpeg'),
  boxes: z.enum(['1']).optional().describe('With the boxes of detections drawn in'),
});

export type SnapshotQuery = z.output<typeof snapshotQuery>;
export type ClipBody = z.output<typeof clipBody>;
export type ClipQuery = z.output<typeof clipQuery>;
export type FileQuery = z.output<typeof fileQuery>;
export type ClipWire = z.output<typeof clipWire>;
export type ClipResultWire = z.output<typeof clipResultWire>;
export type CaseBody = z.output<typeof caseBody>;
export type CaseQuery = z.output<typeof caseQuery>;
export type CaseWire = z.output<typeof caseWire>;
export type ShareBody = z.output<typeof shareBody>;
export type ShareQuery = z.output<typeof shareQuery>;
export type ShareWire = z.output<typeof shareWire>;
export type NewShareWire = z.output<typeof newShareWire>;
export type ShareParams = z.output<typeof shareParams>;
export type ViewQuery = z.output<typeof viewQuery>;
