import { z } from 'zod';
import { nameSchema } from '../plugin-api/index.js';
import { lines, text } from './text.js';

/** 1 GiB, the largest file that is opened. */
const MAX_SIZE_BYTES = 1024 ** 3;
const FILE_ENDINGS = /\.(onnx|json|txt|part)$/;

/** What a model is called in configs and addresses; also its file's name, with `.onnx` after it. */
export const modelId = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]{0,62}$/, 'lower-case letters, digits, ".", "-" and "_", at most 63, beginning with a letter or digit')
  .refine((id) => !FILE_ENDINGS.test(id) && !id.includes('..'), 'an id, not the name of a file');

export const modelSha256 = z
  .string()
  .regex(/^[0-9a-fA-F]{64}$/, 'a SHA-256: 64 hexadecimal digits')
  .transform((hex) => hex.toLowerCase());

export const modelLicence = z.strictObject({
  name: nameSchema(200).describe("SPDX id, or the owner's name for it"),
  url: z
    .url({ protocol: /^https?$/ })
    .max(2_000)
    .optional()
    .describe("URL of the licence's text"),
  text: lines(100_000).optional().describe("The licence's text, or a summary of it"),
  mustBeAccepted: z.boolean().default(false).describe('Whether a user must accept the licence before the model is downloaded'),
});

/** Where a model comes from, what it must be, and under which terms. */
export const modelEntry = z.strictObject({
  id: modelId,
  title: nameSchema(200).optional().describe('For people; the id when absent'),
  url: z
    .url({ protocol: /^https?$/ })
    .max(2_000)
    .refine((url) => !hasCredentials(url), 'an address without user name and password: they would be shown and logged')
    .describe('URL of the file'),
  sha256: modelSha256.describe('Of the whole file'),
  sizeBytes: z.number().int().min(1).max(MAX_SIZE_BYTES).describe('Of the whole file'),
  licence: modelLicence,
  task: text(100).default('object-detection').describe('Task that the model solves'),
  labels: z.array(nameSchema(200)).max(20_000).optional().describe('Class names, in order'),
  notes: lines(10_000).optional().describe('Anything an operator should know: input size, measured speed, source'),
});
export type ModelEntry = z.output<typeof modelEntry>;

function hasCredentials(url: string): boolean {
  if (!URL.canParse(url)) return false; // said already
  const { username, password } = new URL(url);
  return username !== '' || password !== '';
}

/** The `models` section of the config. */
export const modelsConfig = z.strictObject({
  entries: z
    .array(modelEntry)
    .max(1_000)
    .default([])
    .describe('Models that can be downloaded by their id: `id`, `url`, `sha256`, `sizeBytes`, `licence`, …'),
  allowPrivateHosts: z.boolean().default(false).describe('Whether models may be downloaded from loopback and private addresses'),
  allowHttp: z
    .boolean()
    .default(false)
    .describe('Whether models may be downloaded without TLS; their SHA-256 is compared with the entry in any case'),
});
