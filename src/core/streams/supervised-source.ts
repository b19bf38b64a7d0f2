import { setTimeout as delay } from 'node:timers/promises';
import { ingestError } from '../errors/ingest.errors.js';
import {
  CodedError,
  type Logger,
  type RunningSource,
  type SourceAdapter,
  type SourceContext,
  type SourceState,
} from '../plugin-api/index.js';
import { PluginFaultLog } from '../observability/plugin-fault-log.js';
import { within } from '../runtime/within.js';
import { systemFault } from './system-fault.js';

export interface SourceTimings {
  readonly probeTimeoutMs: number;
  readonly openTimeoutMs: number;
  readonly stopTimeoutMs: number;
  readonly firstRetryMs: number;
  readonly maxRetryMs: number;
  /** A source that ran this long starts over with the shortest back-off. */
  readonly stableAfterMs: number;
}

/** Nest token of {@link SourceTimings}. */
export const SOURCE_TIMINGS = Symbol.for('vedette.source-timings');

export const DEFAULT_SOURCE_TIMINGS: SourceTimings = {
  probeTimeoutMs: 10_000,
  openTimeoutMs: 15_000,
  stopTimeoutMs: 5000,
  firstRetryMs: 1000,
  maxRetryMs: 30_000,
  stableAfterMs: 30_000,
};

export interface SupervisedSourceOptions {
  /** For logs: the stream's name, or the listener's id. */
  readonly name: string;
  readonly adapter: () => Promise<SourceAdapter>;
  readonly config: unknown;
  /** A new one for each run; undefined for a listener. */
  readonly context: () => SourceContext | undefined;
  readonly report: (state: SourceState, detail?: string) => void;
  /** It runs. What that means is known of a listener; a stream's source says itself when it is live. */
  readonly opened?: () => void;
  /** Ends what a run left open that did not stop by itself. */
  readonly endEpochs: (reason: string) => Promise<void>;
  readonly logger: Logger;
  readonly timings?: Partial<SourceTimings>;
}

/** Keeps one source running until it is stopped: the adapter runs, this supervises. */
export class SupervisedSource {
  private readonly stopping = new AbortController();
  private readonly timings: SourceTimings;
  private stopReason = 'stopped';
  private loop: Promise<void> | undefined;
  private readonly faults: PluginFaultLog;

  constructor(private readonly options: SupervisedSourceOptions) {
    this.timings = { ...DEFAULT_SOURCE_TIMINGS, ...options.timings };
    this.faults = new PluginFaultLog(options.logger);
  }

  start(): void {
    this.loop ??= this.supervise();
  }

  /** Settles when the source has stopped, or was given up after its time. */
  async stop(reason: string): Promise<void> {
    this.stopReason = reason;
    this.stopping.abort(new Error(reason));
    await this.loop;
  }

  private async supervise(): Promise<void> {
    const { signal } = this.stopping;
    const { firstRetryMs, maxRetryMs, stableAfterMs } = this.timings;
    let retryMs = firstRetryMs;
    while (!signal.aborted) {
      const startedAtMs = performance.now();
      const trouble = await this.runOnce();
      if (signal.aborted) return;
      if (performance.now() - startedAtMs > stableAfterMs) retryMs = firstRetryMs;
      this.options.report('retrying', trouble);
      this.options.logger.warn('Source ended; starting it again', { source: this.options.name, why: trouble, retryInMs: retryMs });
      // A little chance keeps many sources of one failed host from coming back in step.
      await delay(retryMs * (0.9 + 0.2 * Math.random()), undefined, { signal }).catch(() => undefined);
      retryMs = Math.min(2 * retryMs, maxRetryMs);
    }
  }

  /** @returns why it ended, for people; never rejects */
  private async runOnce(): Promise<string> {
    const run = new AbortController();
    const signal = AbortSignal.any([run.signal, this.stopping.signal]);
    try {
      this.options.report('starting');
      const running = await this.open(signal);
      this.options.opened?.();
      const ended = await Promise.race([running.done, aborted(this.stopping.signal)]);
      if (ended === undefined) return await this.close(running);
      return this.explain(ended.error) ?? ended.reason;
    } catch (error) {
      return this.stopping.signal.aborted ? this.stopReason : (this.explain(error) ?? 'unknown');
    } finally {
      run.abort(new Error('the run is over'));
      await this.options.endEpochs(this.stopping.signal.aborted ? this.stopReason : 'source-ended');
    }
  }

  private async open(signal: AbortSignal): Promise<RunningSource> {
    const { name, config } = this.options;
    const { probeTimeoutMs, openTimeoutMs } = this.timings;
    const late = (what: string, ms: number) => () => ingestError('VD_INGEST_SOURCE_TIMEOUT', `${name}: ${what} took longer than ${ms} ms`);
    const adapter = await within(openTimeoutMs, this.options.adapter(), late('making the adapter', openTimeoutMs));
    if (adapter.probe !== undefined) await within(probeTimeoutMs, adapter.probe(config, signal), late('probing', probeTimeoutMs));
    signal.throwIfAborted();
    let given = true;
    const opening = adapter.open(config, this.options.context(), signal).then((running) => {
      // Came after its time: nobody else would stop it.
      if (!given) void running.stop('opened too late').catch(() => undefined);
      return running;
    });
    try {
      return await within(openTimeoutMs, opening, late('opening', openTimeoutMs));
    } catch (error) {
      given = false;
      throw error;
    }
  }

  /** For people. What nobody foresaw goes to the log with its stack, too. */
  private explain(error: unknown): string | undefined {
    if (error instanceof Error && !(error instanceof CodedError)) this.faults.tell(this.options.name, error);
    return systemFault(error) ?? describe(error);
  }

  private async close(running: RunningSource): Promise<string> {
    const { stopTimeoutMs } = this.timings;
    try {
      await within(stopTimeoutMs, running.stop(this.stopReason), () =>
        ingestError('VD_INGEST_SOURCE_TIMEOUT', `${this.options.name}: stopping took longer than ${stopTimeoutMs} ms`),
      );
    } catch (error) {
      this.options.logger.warn('Source did not stop well', { source: this.options.name, error });
    }
    return this.stopReason;
  }
}

function aborted(signal: AbortSignal): Promise<undefined> {
  if (signal.aborted) return Promise.resolve(undefined);
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(undefined), { once: true }));
}

function describe(error: unknown): string | undefined {
  if (error === undefined || error === null) return undefined;
  if (!(error instanceof Error)) return String(error);
  const { code, fix } = error as { code?: unknown; fix?: unknown };
  const text = typeof code === 'string' && !error.message.includes(code) ? `${code}: ${error.message}` : error.message;
  return typeof fix === 'string' ? `${text}. ${fix}` : text;
}
