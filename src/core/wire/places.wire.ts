import { z } from 'zod';

/** What runs where: processes, ingest nodes, what models run on. */
const iso = z.iso.datetime().describe('ISO 8601, UTC');

export const instanceWire = z.object({
  id: z.string(),
  role: z.string(),
  host: z.string(),
  pid: z.number().int(),
  version: z.string().describe('Of this program, as it runs there'),
  startedAt: iso,
  heartbeatAt: iso,
  alive: z.boolean(),
});

export const ingestNodeWire = z.object({
  id: z.string(),
  name: z.string().describe('By which streams are pinned to it'),
  host: z.string(),
  alive: z.boolean(),
  streams: z.number().int().describe('How many streams it has'),
  startedAt: iso,
});

/** The ingest node that has a stream; not alive: the one that had it and died. */
export const streamNodeWire = z.object({ id: z.string(), name: z.string(), alive: z.boolean() });

/** What models run on, by worker. `usable` is found out by running something, not by what is installed. */
export const inferenceWire = z.object({
  instanceId: z.string(),
  host: z.string(),
  runtime: z.string().describe('Version of onnxruntime'),
  providers: z
    .array(z.object({ provider: z.string(), usable: z.boolean(), reason: z.string().nullable() }))
    .describe('Those of the config, in its order'),
});
