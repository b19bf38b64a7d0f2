import { z } from 'zod';

/** One analysis of one segment, as the ledger has it. */
const iso = z.iso.datetime().describe('ISO 8601, UTC');
const uuid = z.uuid();
const id = z.string().regex(/^\d+$/).describe('Decimal row id');

export const runState = z.enum(['queued', 'running', 'done', 'partial', 'skipped', 'failed']);

export const runWire = z.object({
  id,
  segmentId: id,
  streamId: uuid,
  epochId: uuid,
  sequence: z.number().int(),
  queue: z.string(),
  analyzerId: z.string(),
  analyzerVersion: z.string(),
  configHash: z.string(),
  state: runState,
  attempt: z.number().int(),
  reason: z.string().nullable(),
  errorCode: z.string().nullable(),
  errorMessage: z.string().nullable(),
  strategy: z.string().nullable(),
  strategyReason: z.string().nullable().describe('Why that strategy'),
  executedBy: z.string().nullable(),
  framesSeen: z.number().int().nullable(),
  framesExpected: z.number().int().nullable(),
  resultCount: z.number().int().nullable(),
  wallMs: z.number().nullable(),
  cpuMs: z.number().nullable(),
  decodeCpuMs: z.number().nullable().describe('CPU of the decode, an even share of it'),
  cost: z.number().nullable().describe('Of all attempts, in the currency of the price lists'),
  createdAt: iso,
  finishedAt: iso.nullable(),
});
export type RunWire = z.output<typeof runWire>;
