import { z } from 'zod';
import { nameSchema } from '../plugin-api/index.js';
import { instant, page, text, uuid } from './fields.js';
import { listCursor } from './list-cursor.js';
import { JOB_STATES } from './job-states.js';

/** What REST takes and gives of files that are imported into streams. */
const iso = z.iso.datetime();

export const IMPORT_STATES = ['uploading', ...JOB_STATES] as const;

export const importWire = z.object({
  id: uuid,
  streamId: uuid,
  name: z.string(),
  path: z.string().nullable().describe('Of a file in a folder of the server; null: it is uploaded'),
  sizeBytes: z.number().int(),
  receivedBytes: z.number().int().describe('How much of an upload is here'),
  state: z.enum(IMPORT_STATES),
  progress: z.number().min(0).max(1).describe('How much of it is in the stream; 0 as long as nobody can say'),
  analysed: z.number().min(0).max(1).nullable().describe('How much of what is in the stream is analysed; null: nothing is to be'),
  mediaSeconds: z.number().nonnegative().describe('How far into the file it has come'),
  durationSeconds: z.number().nullable().describe('Of the file; null: not known'),
  recordedAt: iso.nullable().describe('Wall clock of its first picture; null until it is known'),
  epochId: uuid.nullable().describe('The epoch that it is in'),
  detail: z.string().nullable().describe('Why it failed, or what was done to it'),
  errorCode: z.string().nullable(),
  createdBy: z.string(),
  createdAt: iso,
  startedAt: iso.nullable(),
  finishedAt: iso.nullable(),
});
export type ImportWire = z.output<typeof importWire>;

const recordedAt = instant.optional().describe('When it was recorded; absent: as the file says, else so that it ends now');

export const newImportBody = z.union([
  z.strictObject({
    name: nameSchema(255).describe('Of the file, for people'),
    sizeBytes: z.number().int().min(1).max(Number.MAX_SAFE_INTEGER).describe('Of the file that is going to be uploaded'),
    recordedAt,
  }),
  z.strictObject({
    path: text(4_096).describe('Absolute path of a file in one of `imports.folders`'),
    recordedAt,
  }),
]);
export type NewImportBody = z.output<typeof newImportBody>;

export const importParams = z.strictObject({ id: uuid, importId: uuid });
export type ImportParams = z.output<typeof importParams>;

export const importQuery = z.strictObject({ limit: page(100, 50), after: listCursor.optional() });
export type ImportQuery = z.output<typeof importQuery>;
