import { z } from 'zod';
import { pluginSettings } from '../config/plugin-settings.js';
import { page, rowId } from './fields.js';
import { listCursor } from './list-cursor.js';

/** Plugins as they are installed, what is set of them, and where that comes from. */
const iso = z.iso.datetime().describe('ISO 8601, UTC');
const count = z.number().int();

export const settingSource = z
  .enum(['default', 'dashboard', 'file', 'environment'])
  .describe('What is from the file or the environment is changed there only');

const fault = z.object({ code: z.string(), message: z.string(), fix: z.string().nullable(), stack: z.string().nullable() });

export const installedPluginWire = z.object({
  id: z.string().describe('Where it cannot be loaded: what the config calls it'),
  use: z.string(),
  version: z.string(),
  origin: z.enum(['built-in', 'package', 'file']),
  state: z.enum(['loaded', 'failed', 'disabled']).describe('In the process that answers'),
  error: fault.nullable().describe('Why it is not loaded. Stacks are for admins'),
  api: z
    .object({ wanted: z.string(), has: z.string(), fits: z.boolean() })
    .nullable()
    .describe('Versions of the plugin API: what it was written for, and what is here; null: not known'),
  enabled: z.object({ value: z.boolean(), source: settingSource }),
  contributes: z.object({ analyzers: count, sources: count, strategies: count }),
  health: z.enum(['well', 'failing', 'off', 'broken']),
  cpuShare: z.number().nullable().describe('Of what all analyzers took within the last minutes; null: it brings none, or nothing ran'),
  runs: z.object({ done: count, skipped: count, failed: count }).describe('Within the last minutes'),
  lastError: z.object({ analyzerId: z.string(), code: z.string(), message: z.string(), at: iso }).nullable(),
  changed: z.object({ by: z.string(), at: iso }).nullable().describe('Last in the dashboard'),
  restartNeeded: z.boolean().describe('What is set of it is not what some process runs with'),
});

const option = z.object({ value: z.unknown(), source: settingSource });

export const contributionWire = z.object({
  kind: z.enum(['analyzer', 'source', 'strategy']),
  id: z.string(),
  title: z.string(),
  queue: z.string().nullable(),
  schema: z.record(z.string(), z.unknown()).describe('JSON Schema of its options'),
  options: z.record(z.string(), option).describe('By key: as it is written, and where; secrets are left out'),
  secrets: z.array(z.string()).describe('Keys that hold a secret: set in the file or the environment only'),
  enabled: z.object({ value: z.boolean(), source: settingSource }).nullable().describe('Analyzers only'),
  streams: z
    .object({ value: z.array(z.string()), source: settingSource })
    .nullable()
    .describe('Analyzers only: patterns of the streams it looks at; `!` leaves out'),
});

export const pluginDetailWire = installedPluginWire.extend({
  place: z.string().nullable().describe('The file or the variable that locks values; null: there is none'),
  revision: z.string().nullable().describe('The last change here; to be sent back with the next one'),
  settings: pluginSettings.describe('What is set here'),
  contributions: z.array(contributionWire),
  roles: z
    .array(z.object({ role: z.string(), host: z.string(), isCurrent: z.boolean().describe('It runs with what is set') }))
    .describe('Processes that load plugins'),
});

export const settingsChangeWire = z.object({
  revision: z.string(),
  by: z.string(),
  at: iso,
  restores: z.string().nullable().describe('The earlier change that was put in force again'),
  settings: pluginSettings,
  changed: z
    .array(z.object({ path: z.string(), before: z.unknown().optional(), after: z.unknown().optional() }))
    .describe('Absent before or after: not set then'),
});

export const pluginParams = z.strictObject({ id: z.string().min(1).max(500) });
export const changeParams = z.strictObject({ id: z.string().min(1).max(500), revision: rowId });
export const settingsBody = z.strictObject({
  revision: rowId.nullable().describe('The last change that the settings were made from; null: there was none'),
  settings: pluginSettings,
});
export const restoreBody = z.strictObject({ revision: rowId.nullable() });
export const changesQuery = z.strictObject({ after: listCursor.optional(), limit: page(100, 20) });

export type SettingSource = z.output<typeof settingSource>;
export type InstalledPluginWire = z.output<typeof installedPluginWire>;
export type ContributionWire = z.output<typeof contributionWire>;
export type PluginDetailWire = z.output<typeof pluginDetailWire>;
export type SettingsChangeWire = z.output<typeof settingsChangeWire>;
export type PluginParams = z.output<typeof pluginParams>;
export type ChangeParams = z.output<typeof changeParams>;
export type SettingsBody = z.output<typeof settingsBody>;
export type RestoreBody = z.output<typeof restoreBody>;
export type ChangesQuery = z.output<typeof changesQuery>;
