import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { forkModule, type ChildProcess } from '../../children/child-process.js';
import { nodeEnvironment } from '../../config/child-environment.js';
import type { LoadedConfig } from '../../config/load-config.js';
import type { PluginFault } from '../../config/plugin-faults.js';
import { pluginError } from '../../errors/plugin.errors.js';
import type { CodedError } from '../../plugin-api/index.js';
import { LOAD_TIMEOUT_MS } from '../plugin-source.js';
import type { TrialNews, TrialOrder } from './trial-protocol.js';

/** A busy machine starts a process slowly, which is no plugin's fault. */
const CHILD_START_TIMEOUT_MS = 30_000;
const KEPT_STDERR = 2_000;

export interface TrialOptions {
  /** How long one plugin may take to be imported. */
  readonly loadTimeoutMs?: number;
  /** The child's script; another one in tests only. */
  readonly entry?: string;
  /** Arguments for its Node.js. */
  readonly execArgv?: readonly string[];
}

/**
 * Imports the plugins that others wrote in a child process first: one that ends its process, holds it up or takes it down with a native
 * library is found out there, and none of ours imports it.
 * @returns the config with what was found; unchanged where somebody has looked already
 */
export async function tryPlugins(loaded: LoadedConfig, options: TrialOptions = {}): Promise<LoadedConfig> {
  if (loaded.pluginFaults !== undefined) return loaded;
  const uses = loaded.config.plugins.filter(({ use, enabled }) => enabled && !use.startsWith('vedette/')).map(({ use }) => use);
  const pluginFaults: PluginFault[] = [];
  // A child that one plugin ended is followed by another for those after it.
  for (let left = uses; left.length > 0;) {
    const trial = new ImportTrial({ baseDir: loaded.baseDir, uses: left }, options);
    const { tried, faults } = await trial.run();
    pluginFaults.push(...faults);
    left = left.slice(tried);
  }
  return { ...loaded, pluginFaults };
}

interface TrialFindings {
  /** How many of the plugins were tried, the last of which may have ended the child. */
  readonly tried: number;
  readonly faults: readonly PluginFault[];
}

/** One child. */
class ImportTrial {
  private readonly child: ChildProcess;
  private readonly faults: PluginFault[] = [];
  private readonly finished = Promise.withResolvers<void>();
  private tried = 0;
  private importing: string | undefined;
  private timer: NodeJS.Timeout | undefined;
  private stderr = '';

  constructor(
    private readonly order: TrialOrder,
    private readonly options: TrialOptions,
  ) {
    this.child = startImportChild(options.entry ?? IMPORT_ENTRY, options.execArgv);
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.stderr = (this.stderr + text).slice(-KEPT_STDERR)));
    this.child.on('message', (news) => this.received(news as TrialNews));
    this.child.once('error', (error) => this.end(`no process could be started to try it in: ${error.message}`));
    this.child.once('close', (code, signal) => this.end(this.deathOf(code, signal)));
  }

  async run(): Promise<TrialFindings> {
    this.child.send(this.order, () => undefined);
    this.limit(CHILD_START_TIMEOUT_MS);
    try {
      await this.finished.promise;
      return { tried: this.tried, faults: this.faults };
    } finally {
      clearTimeout(this.timer);
      this.child.kill('SIGKILL');
    }
  }

  private received(news: TrialNews): void {
    if (news.type === 'importing') {
      this.importing = news.use;
      return this.limit(this.options.loadTimeoutMs ?? LOAD_TIMEOUT_MS);
    }
    this.importing = undefined;
    this.tried++;
    if (news.type === 'failed') this.faults.push({ use: news.use, ...news.error });
    if (this.tried === this.order.uses.length) this.finished.resolve();
  }

  private limit(timeoutMs: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      const use = this.importing;
      if (use === undefined) return this.end(`the process to try it in did not start within ${timeoutMs} ms`);
      this.settle(pluginError('VD_PLUGIN_LOAD_TIMEOUT', `${use}: its module did not finish loading within ${timeoutMs} ms`), use);
    }, timeoutMs);
  }

  /** The one under way is to blame, or the first where none is: without a process nothing can be said of it. */
  private end(why: string): void {
    const use = this.importing ?? this.order.uses[this.tried];
    if (use !== undefined) this.settle(pluginError('VD_PLUGIN_LOAD_FAILED', `${use}: ${why}`), use);
  }

  private settle({ code, message, fix }: CodedError, use: string): void {
    if (this.tried === this.order.uses.length) return;
    this.tried++;
    this.faults.push({ use, code, message, ...(fix === undefined ? {} : { fix }) });
    // What the child still says is of a plugin that is settled.
    this.child.removeAllListeners();
    this.child.on('error', () => undefined);
    this.finished.resolve();
  }

  private deathOf(code: number | null, signal: NodeJS.Signals | null): string {
    const lastWords = this.stderr.trim().split('\n').at(-1)?.slice(0, 300) ?? '';
    const how = signal === null ? `process.exit(${code})` : signal;
    return `its module ended the process while it was imported (${how})${lastWords === '' ? '' : `: ${lastWords}`}`;
  }
}

/** `import-child` beside this file, as source or as built. */
const IMPORT_ENTRY = fileURLToPath(
  new URL(existsSync(new URL('./import-child.js', import.meta.url)) ? './import-child.js' : './import-child.ts', import.meta.url),
);

/** With what an analysis host finds in its environment, which imports the same plugins. */
const startImportChild = (entry: string, execArgv: readonly string[] = []): ChildProcess =>
  forkModule(entry, [], { env: nodeEnvironment(), execArgv, stdio: ['ignore', 'ignore', 'pipe'] });
