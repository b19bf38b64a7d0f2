import { existsSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { PluginFault } from '../config/plugin-faults.js';
import { CodedError, PLUGIN_MARK, type Plugin } from '../plugin-api/index.js';
import { pluginError } from '../errors/plugin.errors.js';
import { within } from '../runtime/within.js';
import { HostResolver } from './host-resolver.js';
import type { BuiltinPlugins } from './plugin-registry.js';

/** How long a plugin may take to be imported, and again to be initialised. */
export const LOAD_TIMEOUT_MS = 20_000;
const MODULE_FILE = /\.(js|mjs|ts|mts)$/;

/**
 * Imports what a plugin entry's `use` names: a built-in, a package, or a file. One way for all: a default export that
 * carries {@link PLUGIN_MARK}.
 */
export class PluginSource {
  constructor(
    private readonly options: {
      readonly builtins: BuiltinPlugins;
      /** Folder of the config file. */
      readonly baseDir: string;
      readonly loadTimeoutMs?: number;
      /** Plugins that are not imported, since it was found out elsewhere what would come of it. */
      readonly faults?: readonly PluginFault[];
      readonly importModule?: (specifier: string) => Promise<unknown>;
    },
  ) {}

  /** @throws VD_PLUGIN_NOT_FOUND, VD_PLUGIN_LOAD_FAILED, VD_PLUGIN_LOAD_TIMEOUT, VD_PLUGIN_INVALID */
  async load(use: string): Promise<Plugin> {
    const fault = this.options.faults?.find((one) => one.use === use);
    if (fault !== undefined) throw faultError(fault);
    const loadTimeoutMs = this.options.loadTimeoutMs ?? LOAD_TIMEOUT_MS;
    const importing = this.importing(use);
    let module: unknown;
    try {
      module = await within(loadTimeoutMs, importing, () =>
        pluginError('VD_PLUGIN_LOAD_TIMEOUT', `${use}: its module did not finish loading within ${loadTimeoutMs} ms`),
      );
    } catch (cause) {
      throw asPluginError(use, cause);
    }
    const plugin = (module as { default?: unknown } | null)?.default;
    if (plugin === null || typeof plugin !== 'object' || (plugin as Partial<Plugin>)[PLUGIN_MARK] !== true) {
      throw pluginError('VD_PLUGIN_INVALID', `${use}: its default export is not a plugin`);
    }
    return plugin as Plugin;
  }

  private async importing(use: string): Promise<unknown> {
    if (use.startsWith('vedette/')) {
      const builtin = Object.hasOwn(this.options.builtins, use) ? this.options.builtins[use] : undefined;
      if (builtin !== undefined) return builtin();
      throw pluginError('VD_PLUGIN_NOT_FOUND', `${use} is not built in; built in are ${Object.keys(this.options.builtins).join(', ')}`);
    }
    const base = pathToFileURL(resolve(this.options.baseDir, 'vedette.config.yaml')).href;
    return this.importModule(isPath(use) ? this.fileUrl(use) : HostResolver.from(base, use));
  }

  private importModule(specifier: string): Promise<unknown> {
    return this.options.importModule?.(specifier) ?? (import(/* @vite-ignore */ specifier) as Promise<unknown>);
  }

  private fileUrl(use: string): string {
    const file = resolve(this.options.baseDir, use);
    if (!existsSync(file)) throw pluginError('VD_PLUGIN_NOT_FOUND', `${use}: there is no file ${file}`);
    if (!statSync(file).isFile() || !MODULE_FILE.test(file)) {
      throw pluginError('VD_PLUGIN_NOT_FOUND', `${use}: expected a .js, .mjs, .ts or .mts file, got ${file}`);
    }
    return pathToFileURL(file).href;
  }
}

/** The error of the process that found it, with the stack from there. */
function faultError({ code, message, fix, stack }: PluginFault): CodedError {
  const cause = stack === undefined ? undefined : Object.assign(new Error(message), { stack });
  return new CodedError(code, message, fix, { cause });
}

export const isPath = (use: string): boolean => /^(\.{0,2}[/\\]|[A-Za-z]:[/\\])/.test(use);

/** Tells "the plugin is not there" from "the plugin, or something it imports, is broken". */
function asPluginError(use: string, cause: unknown): unknown {
  if (cause instanceof Error && 'code' in cause && String(cause.code).startsWith('VD_')) return cause;
  const { message, code } = cause as { message?: string; code?: string };
  const missing = code === 'ERR_MODULE_NOT_FOUND' && message?.includes(`'${use}'`) === true;
  return pluginError(missing ? 'VD_PLUGIN_NOT_FOUND' : 'VD_PLUGIN_LOAD_FAILED', `${use}: ${message ?? String(cause)}`, { cause });
}
