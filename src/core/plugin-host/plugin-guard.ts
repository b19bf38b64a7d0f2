import { AsyncLocalStorage } from 'node:async_hooks';
import { pluginError } from '../errors/plugin.errors.js';
import { CodedError, errorText, type Logger } from '../plugin-api/index.js';
import { PluginPlaces } from './plugin-places.js';

/** One plugin while it is imported or its providers are made, and whatever it starts meanwhile. */
interface SetUp {
  readonly use: string;
  state: 'under way' | 'done' | 'failed';
  fail(error: CodedError): void;
}

type End = (code?: number) => never;

/** How a process is ended by its own code; `process.exit` calls `reallyExit`, which Node.js has without saying so. */
interface Ending {
  exit: End;
  reallyExit: End;
}

/**
 * Keeps plugins from ending the process of their role, and names the plugin where one does. `process.exit` called by a plugin throws
 * `VD_PLUGIN_EXIT`. What a plugin's set-up leaves to fail on its own fails the set-up, so that `optional: true` holds for it.
 */
export class PluginGuard {
  private readonly setUps = new AsyncLocalStorage<SetUp>();
  private places = new PluginPlaces([], '.');
  private logger: Logger | undefined;

  constructor(private readonly process: Ending = globalThis.process as unknown as Ending) {}

  /** @returns a function that gives `process.exit` back */
  install(places: PluginPlaces, logger: Logger): () => void {
    const { process } = this;
    const { exit, reallyExit } = process;
    this.places = places;
    this.logger = logger;
    const guarded =
      (end: End): End =>
      (code) => {
        this.refuseExit(code);
        return end.call(process, code);
      };
    const installed = { exit: guarded(exit), reallyExit: guarded(reallyExit) };
    Object.assign(process, installed);
    return () => {
      if (process.exit === installed.exit) Object.assign(process, { exit, reallyExit });
    };
  }

  /**
   * Runs a step of a plugin's set-up.
   * @throws what the step throws; VD_PLUGIN_EXIT and VD_PLUGIN_LOAD_FAILED for what it leaves behind until it has ended
   */
  async setUp<T>(use: string, step: () => Promise<T>): Promise<T> {
    const failure = Promise.withResolvers<never>();
    const setUp: SetUp = { use, state: 'under way', fail: failure.reject };
    try {
      const done = await Promise.race([this.setUps.run(setUp, step), failure.promise]);
      setUp.state = 'done';
      return done;
    } catch (error) {
      setUp.state = 'failed';
      throw error;
    }
  }

  /**
   * For an error that nobody caught, in the handler that Node.js calls with it.
   * @returns the coded error that names the plugin; `settled` where a set-up fails of it, or has failed already; undefined where the
   * error is no plugin's
   */
  blame(error: unknown): CodedError | 'settled' | undefined {
    const setUp = this.setUps.getStore();
    if (setUp !== undefined && setUp.state !== 'done') {
      const { use } = setUp;
      const isCoded = error instanceof CodedError;
      if (setUp.state === 'failed') this.logger?.warn('A plugin that failed threw later', { component: 'plugins', use, error });
      setUp.fail(isCoded ? error : pluginError('VD_PLUGIN_LOAD_FAILED', `${use}: ${errorText(error)}`, { cause: error }));
      return 'settled';
    }
    if (error instanceof CodedError) return undefined;
    const owner = this.places.ownerOf(error instanceof Error ? error.stack : undefined);
    return owner === undefined ? undefined : pluginError('VD_PLUGIN_CRASHED', `${owner}: ${errorText(error)}`, { cause: error });
  }

  private refuseExit(code: unknown): void {
    const setUp = this.setUps.getStore();
    const isSettingUp = setUp !== undefined && setUp.state !== 'done';
    const use = isSettingUp ? setUp.use : this.places.ownerOf(wholeStack());
    if (use === undefined) return;
    const error = pluginError('VD_PLUGIN_EXIT', `${use}: it called process.exit(${code === undefined ? '' : JSON.stringify(code)})`);
    if (isSettingUp) setUp.fail(error);
    throw error;
  }
}

function wholeStack(): string | undefined {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = Number.POSITIVE_INFINITY;
  try {
    return new Error('stack').stack;
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}
