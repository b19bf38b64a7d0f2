import semver from 'semver';
import { z } from 'zod';
import { pluginError } from '../errors/plugin.errors.js';
import { PLUGIN_API_VERSION, REACHES, type Plugin } from '../plugin-api/index.js';

const QUEUE_NAME = /^[a-z][a-z0-9_]{0,62}$/;
/** Queues of this prefix are kept for Vedette's own use. */
const RESERVED_QUEUE = /^vedette_/;

const id = z
  .string()
  .max(100)
  .regex(/^[a-z][a-z0-9-]*(\.[a-z0-9][a-z0-9-]*)*$/, 'words of a-z, 0-9 and -, joined by dots');
const version = z.string().refine((text) => semver.valid(text) !== null, 'a semantic version such as 1.2.3');
const callable = z.custom<(...args: unknown[]) => unknown>((value) => typeof value === 'function', 'a function');
const schema = z.custom<z.ZodType>((value) => typeof value === 'object' && value !== null && '_zod' in value, 'a zod 4 schema');
const positive = z.number().finite().positive();
const contribution = { id, version, title: z.string().min(1), config: schema, inject: z.array(z.unknown()).optional(), create: callable };

/** What an analyzer's `frameSize` may say, too. */
export const frameSize = z.object({ widthPx: positive.int().max(8192), heightPx: positive.int().max(8192) });

const pictureInput = {
  sampling: z.union([z.object({ keyframes: z.literal(true) }), z.object({ fps: positive }), z.object({ all: z.literal(true) })], {
    error: 'one of { keyframes: true }, { fps: <number> }, { all: true }',
  }),
  frame: z.object({
    ...frameSize.shape,
    fit: z.enum(['letterbox', 'stretch', 'inside']),
    format: z.enum(['rgb24', 'gray8']),
  }),
  evidence: z.boolean().optional(),
};
const audio = z.object({ sampleRateHz: positive.int().min(8_000).max(192_000).optional(), channels: z.enum(['source', 'mono']) });
export const analyzerInput = z.union([z.object({ ...pictureInput, audio: audio.optional() }), z.object({ audio })], {
  error: 'sampling and frame together, or audio, or all three',
});

/** A manifest as code can be wrong in ways TypeScript does not catch: plugins may be plain JavaScript. */
const manifest = z.object({
  id,
  version,
  api: z.string().refine((range) => semver.validRange(range) !== null, 'a semver range such as ^1.0.0'),
  imports: z.array(z.unknown()).optional(),
  providers: z.array(z.unknown()).optional(),
  analyzers: z
    .array(
      z.object({
        ...contribution,
        queue: z.string(),
        solves: z.array(z.string().min(1)),
        input: z.union([callable, analyzerInput], { error: 'an input with sampling and frame, or a function of the config' }),
        state: z.enum(['none', 'stream']).optional(),
        streams: z.array(z.string().min(1)).min(1).optional(),
        references: z
          .string()
          .regex(/^[a-z][a-z0-9-]{0,62}$/, 'a kind of reference images, such as "logo"')
          .optional(),
        needsReferences: z.boolean().optional(),
        needsStandIn: z.boolean().optional(),
        gate: z
          .string()
          .regex(/^[a-z][a-z0-9-]{0,62}$/, 'a name such as "motion"')
          .optional(),
      }),
    )
    .optional(),
  sources: z.array(z.object({ ...contribution, kind: z.enum(['listener', 'stream']) })).optional(),
  strategies: z
    .array(
      z.object({
        ...contribution,
        reach: z.enum(REACHES).optional(),
        state: z.enum(['none', 'stream']).optional(),
        solves: z.array(z.string().min(1)).min(1).optional(),
      }),
    )
    .optional(),
});

/**
 * Holds a plugin's manifest against the plugin API.
 * @throws VD_PLUGIN_INVALID, VD_PLUGIN_API_MISMATCH, VD_PLUGIN_QUEUE_INVALID, VD_PLUGIN_DUPLICATE_ID
 */
export function checkManifest(use: string, plugin: Plugin): void {
  const parsed = manifest.safeParse(plugin);
  const issue = parsed.error?.issues[0];
  if (issue !== undefined) throw pluginError('VD_PLUGIN_INVALID', `${use}: ${issue.path.map(String).join('.')}: ${issue.message}`);
  if (!semver.satisfies(PLUGIN_API_VERSION, plugin.api)) {
    throw pluginError(
      'VD_PLUGIN_API_MISMATCH',
      `${use}: ${plugin.id} ${plugin.version} is for plugin API ${plugin.api}, this is ${PLUGIN_API_VERSION}`,
    );
  }
  for (const kind of ['analyzers', 'sources', 'strategies'] as const) {
    const ids = (plugin[kind] ?? []).map((item) => item.id);
    const twice = ids.find((item, index) => ids.indexOf(item) !== index);
    if (twice !== undefined) throw pluginError('VD_PLUGIN_DUPLICATE_ID', `${use}: ${plugin.id} has two ${kind} ${twice}`);
  }
  for (const analyzer of plugin.analyzers ?? []) checkAnalyzer(use, plugin.id, analyzer);
}

function checkAnalyzer(use: string, pluginId: string, analyzer: { readonly id: string; readonly queue: string }): void {
  if (analyzer.id !== pluginId && !analyzer.id.startsWith(`${pluginId}.`)) {
    throw pluginError('VD_PLUGIN_INVALID', `${use}: analyzers.id: ${analyzer.id} does not begin with its plugin's id, ${pluginId}`);
  }
  if (!QUEUE_NAME.test(analyzer.queue) || RESERVED_QUEUE.test(analyzer.queue)) {
    throw pluginError('VD_PLUGIN_QUEUE_INVALID', `${use}: ${analyzer.id} names the queue ${JSON.stringify(analyzer.queue)}`);
  }
}
