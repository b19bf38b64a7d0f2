import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { core, ZodType } from 'zod';
import { configError } from '../errors/config.errors.js';
import { closest } from '../plugin-api/closest.js';
import { mergeDefaultPlugins, useOf, type WrittenPluginEntry } from './default-plugins.js';
import { ignoredVariables, readEnvironment, variableOf, type EnvironmentValue } from './environment-source.js';
import { deepFreeze } from './deep-freeze.js';
import { expectedText, pathText, problemText, valueAt, valueText } from './issue-text.js';
import type { PluginFault } from './plugin-faults.js';
import type { SettingsOfRole, WrittenPlugins } from './plugin-layers.js';
import { configKeys, knownKeys } from './schema-walk.js';
import { vedetteConfigSchema, type VedetteConfig } from './schema.js';
import { readYamlFile, type YamlSource } from './yaml-source.js';

const FILE_NAME = 'vedette.config.yaml';

export interface LoadedConfig {
  readonly config: VedetteConfig;
  /** The file it was read from, or null when there is none. */
  readonly file: string | null;
  /** What relative paths and plugin packages are resolved from: the file's folder, or the working directory. */
  readonly baseDir: string;
  /** The file that `streams` is from; null when there is none, or when a variable of the environment stands in its place. */
  readonly streamsFile?: string | null;
  /** Variables that look like ours and are not: what Kubernetes sets for services. For a line in the log. */
  readonly ignoredVariables?: readonly string[];
  /** Plugins that cannot be imported; absent where nobody has tried yet. Children are handed it with the rest. */
  readonly pluginFaults?: readonly PluginFault[];
  /** `plugins` as they were written, for who asks what is from where. */
  readonly written?: WrittenPlugins;
  /** What of the dashboard's settings is in this config; absent where nobody has looked for any. */
  readonly settings?: SettingsOfRole;
}

/**
 * Reads the config: defaults < `vedette.config.yaml` < environment < `…_FILE`.
 * @returns the validated config, deep-frozen, its folders absolute
 * @throws VD_CONFIG_* with the key, what it got and expected, where it stands, and how to mend it
 */
export function loadConfig(from: { readonly env?: NodeJS.ProcessEnv; readonly cwd?: string } = {}): LoadedConfig {
  const env = from.env ?? process.env;
  const cwd = from.cwd ?? process.cwd();
  const file = configFile(env.VEDETTE_CONFIG, cwd);
  const yaml = file === null ? null : readYamlFile(file);
  const baseDir = file === null ? cwd : dirname(file);
  const environment = readEnvironment(vedetteConfigSchema, env);

  const input: Record<string, unknown> = structuredClone(yaml?.value ?? {});
  for (const { path, value } of environment) assign(input, path, value, (at) => yaml?.where(at) ?? '');
  const written: WrittenPlugins = {
    ...(environment.some(({ path }) => path[0] === 'plugins')
      ? { from: 'environment', place: variableOf(['plugins']) }
      : { from: 'file', place: file ?? FILE_NAME }),
    entries: Array.isArray(input.plugins) ? input.plugins : [],
  };
  const plugins = pluginList(input, yaml);
  if (plugins !== null) input.plugins = plugins.map(({ entry }) => entry);

  const parsed = vedetteConfigSchema.safeParse(input, { reportInput: true });
  if (!parsed.success) throw explain(parsed.error.issues, { input, yaml, environment, plugins: plugins ?? [] });
  const { dataDir, mediaDir } = parsed.data;
  const config = { ...parsed.data, dataDir: resolve(baseDir, dataDir), mediaDir: resolve(baseDir, mediaDir) };
  const streamsFile = environment.some(({ path }) => path[0] === 'streams') ? null : file;
  return { config: deepFreeze(config), file, baseDir, streamsFile, ignoredVariables: ignoredVariables(env), written };
}

function configFile(named: string | undefined, cwd: string): string | null {
  if (named !== undefined && named !== '') return resolve(cwd, named);
  const standard = join(cwd, FILE_NAME);
  return existsSync(standard) ? standard : null;
}

function assign(root: Record<string, unknown>, path: readonly string[], value: unknown, where: (path: readonly string[]) => string): void {
  const [head, ...rest] = path;
  if (head === undefined) return;
  if (rest.length === 0) {
    root[head] = value;
    return;
  }
  const child = (root[head] ??= {});
  if (typeof child !== 'object' || Array.isArray(child)) {
    throw configError('VD_CONFIG_INVALID', `${where([head])}: ${head}: expected keys and values, got ${valueText(child)}`);
  }
  assign(child as Record<string, unknown>, rest, value, where);
}

/** Null when `plugins` is not a list at all: the schema says so better. */
function pluginList(input: Record<string, unknown>, yaml: YamlSource | null): WrittenPluginEntry[] | null {
  const written = input.plugins ?? [];
  if (!Array.isArray(written)) return null;
  written.forEach((entry, index) => {
    const use = useOf(entry);
    if (use !== undefined && written.findIndex((other) => useOf(other) === use) !== index) {
      const where = yaml?.where(['plugins', index]) ?? 'plugins';
      throw configError('VD_CONFIG_INVALID', `${where}: ${valueText(use)} is listed twice`, {
        fix: 'Merge the two entries of plugins into one.',
      });
    }
  });
  return mergeDefaultPlugins(written);
}

interface Written {
  readonly input: unknown;
  readonly yaml: YamlSource | null;
  readonly environment: readonly EnvironmentValue[];
  readonly plugins: readonly WrittenPluginEntry[];
}

function explain(issues: readonly core.$ZodIssue[], written: Written) {
  const flat = issues.flatMap(flattenUnion);
  const lines = flat.map((issue) => issueLine(issue, written));
  const allUnknown = flat.every((issue) => issue.code === 'unrecognized_keys');
  const first = flat[0];
  const fix = first === undefined || allUnknown ? undefined : fixFor(first);
  return configError(allUnknown ? 'VD_CONFIG_UNKNOWN_KEY' : 'VD_CONFIG_INVALID', lines.join('\n'), { fix });
}

function flattenUnion(issue: core.$ZodIssue): core.$ZodIssue[] {
  return issue.code === 'invalid_key' ? issue.issues.map((inner) => ({ ...inner, path: issue.path })) : [issue];
}

function issueLine(issue: core.$ZodIssue, written: Written): string {
  const path = issue.path;
  const shown = asWritten(path, written.plugins);
  const place = placeOf(path, written);
  if (issue.code === 'unrecognized_keys') {
    return issue.keys
      .map((key) => {
        const near = closest(key, knownKeys(vedetteConfigSchema, path));
        const at = placeOf([...path, key], written);
        return `${at}${pathText([...shown, key])} is not a config key${near === undefined ? '' : `; did you mean ${near}?`}`;
      })
      .join('\n');
  }
  const got = isSecret(path) ? '(a secret)' : valueText(valueAt(written.input, path));
  return `${place}${pathText(shown)}: ${problemText(issue, got)}`;
}

/** `file:line: ` for what the file says, `VARIABLE: ` for what the environment says. */
function placeOf(path: readonly PropertyKey[], { yaml, environment, plugins }: Written): string {
  const variable = environment.find((value) => value.path.every((step, i) => step === path[i]));
  if (variable !== undefined) return `${variable.variable}: `;
  return yaml === null ? '' : `${yaml.where(asWritten(path, plugins))}: `;
}

/** The merged list of plugins begins with the built-ins: back to the position in the user's own list. */
function asWritten(path: readonly PropertyKey[], plugins: readonly WrittenPluginEntry[]): readonly PropertyKey[] {
  const [head, index, ...rest] = path;
  const writtenIndex = head === 'plugins' && typeof index === 'number' ? plugins[index]?.writtenIndex : undefined;
  return writtenIndex === undefined ? path : ['plugins', writtenIndex, ...rest];
}

const isSecret = (path: readonly PropertyKey[]): boolean =>
  configKeys(vedetteConfigSchema as ZodType).some((key) => key.secret && key.path.join('.') === path.join('.'));

function fixFor(issue: core.$ZodIssue): string | undefined {
  const path = issue.path.map(String);
  const key = configKeys(vedetteConfigSchema as ZodType).find((candidate) => candidate.path.join('.') === path.join('.'));
  if (key === undefined) return undefined;
  return `Set ${path.join('.')} in ${FILE_NAME}, or ${variableOf(path)} in the environment, to ${expectedText(issue)}.`;
}
