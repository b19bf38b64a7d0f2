import { z } from 'zod';
import { MODEL_ORIGINS } from '../models/model-catalogue.js';
import { modelEntry, modelId, modelLicence } from '../config/model-entry.js';
import type { ModelStatus } from '../models/model-registry.js';
import { EXECUTION_PROVIDERS } from '../plugin-api/index.js';
import type { Role } from './wire.js';

const fault = z.object({ code: z.string(), message: z.string(), fix: z.string().nullable() });
const tensor = z.object({ name: z.string(), type: z.string(), dims: z.array(z.number().int()).describe('-1: any size') });

export const modelWire = z.object({
  id: z.string(),
  title: z.string(),
  task: z.string(),
  origin: z.enum(MODEL_ORIGINS).describe('`config`, `added` and `uploaded` by an admin, `built-in`, or a bare `file` in the models folder'),
  state: z.enum(['ready', 'pulling', 'partial', 'absent', 'damaged']),
  url: z.string().nullable().describe('Shown to admins only: it may be signed'),
  sha256: z.string().nullable(),
  sizeBytes: z.number().int().nullable(),
  licence: z.object({ name: z.string(), url: z.string().nullable(), text: z.string().nullable(), mustBeAccepted: z.boolean() }).nullable(),
  labels: z.array(z.string()).nullable(),
  notes: z.string().nullable(),
  progress: z
    .object({
      receivedBytes: z.number().int(),
      totalBytes: z.number().int(),
      bytesPerSecond: z.number().nullable(),
      remainingMs: z.number().nullable(),
    })
    .nullable()
    .describe('Of the pull under way, or of what an earlier one left'),
  error: fault.nullable().describe('Why the last pull ended badly'),
  /** What became of trying the file in a process of its own. */
  probe: z
    .object({
      provider: z.enum(EXECUTION_PROVIDERS),
      passed: z.boolean(),
      code: z.string().nullable(),
      message: z.string().nullable(),
      note: z.string().nullable(),
      triedAt: z.iso.datetime(),
      openMs: z.number().nullable(),
      runMs: z.number().nullable(),
      peakBytes: z.number().int().nullable(),
      inputs: z.array(tensor),
      outputs: z.array(tensor),
    })
    .nullable(),
});
export type ModelWire = z.output<typeof modelWire>;

/** An upload of which there is more to come, or the model that it became. */
export const uploadWire = z.object({ receivedBytes: z.number().int(), totalBytes: z.number().int(), model: modelWire.nullable() });
export type UploadWire = z.output<typeof uploadWire>;

export const modelParams = z.strictObject({ id: modelId });
export const newModelBody = z.strictObject({ ...modelEntry.shape, licence: modelLicence });
export const pullBody = z.strictObject({
  acceptLicence: z.boolean().default(false).describe('Required where the licence must be accepted'),
});
export type ModelParams = z.output<typeof modelParams>;
export type NewModelBody = z.output<typeof newModelBody>;
export type PullBody = z.output<typeof pullBody>;

export function modelWireOf(model: ModelStatus, role: Role): ModelWire {
  const { id, title, task, origin, state, url, sha256, sizeBytes, licence, labels, notes, progress, error, probe } = model;
  return {
    ...{ id, title: title ?? id, task, origin, state, sha256, sizeBytes, progress, error, labels: labels ?? null, notes: notes ?? null },
    url: role === 'admin' ? url : null,
    licence:
      licence === null
        ? null
        : { name: licence.name, url: licence.url ?? null, text: licence.text ?? null, mustBeAccepted: licence.mustBeAccepted },
    probe:
      probe === null
        ? null
        : {
            ...{
              provider: probe.provider,
              passed: probe.refusal === null,
              code: probe.refusal?.code ?? null,
              message: probe.refusal?.message ?? null,
            },
            ...{ note: probe.note, triedAt: probe.triedAt, openMs: probe.openMs, runMs: probe.runMs, peakBytes: probe.peakBytes },
            inputs: probe.inputs.map(({ name, type, dims }) => ({ name, type, dims: [...dims] })),
            outputs: probe.outputs.map(({ name, type, dims }) => ({ name, type, dims: [...dims] })),
          },
  };
}
