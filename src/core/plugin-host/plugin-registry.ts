import type { AnalyzerPlacement } from '../config/schema.js';
import type {
  Analyzer,
  AnalyzerDefinition,
  AnalyzerInput,
  ExecutionStrategy,
  ExecutionStrategyDefinition,
  JsonObject,
  JsonValue,
  Plugin,
  SourceAdapter,
  SourceAdapterDefinition,
  TrackingSpec,
} from '../plugin-api/index.js';

/** Built-ins by the name used in config (`vedette/rtmp`); handed in by the composition root, since core imports no plugin. */
export type BuiltinPlugins = Readonly<Record<string, () => Promise<{ default: Plugin }>>>;

export interface PluginStatus {
  readonly use: string;
  readonly id: string;
  readonly version: string;
  readonly state: 'loaded' | 'failed' | 'disabled';
  /** `stack`: for whoever mends the plugin; of where it was thrown, in whichever process that was. */
  readonly error?: { readonly code: string; readonly message: string; readonly fix?: string; readonly stack?: string };
}

export interface RegisteredAnalyzer {
  readonly pluginId: string;
  readonly definition: AnalyzerDefinition;
  readonly placement: AnalyzerPlacement;
  /** Parsed by the definition's schema, JSON. */
  readonly config: JsonValue;
  /** First 16 hex digits of SHA-256 over id, version and canonical config. */
  readonly configHash: string;
  readonly input: AnalyzerInput;
  /** How core links its detections into tracks; absent: it does not. */
  readonly tracking?: TrackingSpec;
}
export interface RegisteredSource {
  readonly pluginId: string;
  readonly definition: SourceAdapterDefinition;
  /** Config of a `listener`, parsed; for `stream` kinds the config lives on the stream's row. */
  readonly config: unknown;
}
export interface RegisteredStrategy {
  readonly pluginId: string;
  readonly definition: ExecutionStrategyDefinition;
  readonly config: unknown;
}

/**
 * What the loaded plugins contribute. Every role holds the manifests; instances are made only where they run.
 * An abstract class so that it is its own Nest token.
 */
export abstract class PluginRegistry {
  abstract readonly plugins: readonly PluginStatus[];
  /** Enabled ones only. */
  abstract readonly analyzers: readonly RegisteredAnalyzer[];
  abstract readonly sources: readonly RegisteredSource[];
  abstract readonly strategies: readonly RegisteredStrategy[];
  /** Queues that the analyzers name, plus the three standing ones. */
  abstract readonly queues: readonly string[];
  /**
   * An enabled analyzer with another config than this process has for it.
   * @throws VD_PLUGIN_UNKNOWN_CONTRIBUTION, VD_PLUGIN_CONFIG_INVALID
   */
  abstract configureAnalyzer(analyzerId: string, written: JsonObject): Promise<RegisteredAnalyzer>;
  /** @param config parsed by its schema; absent: the one of this process */
  abstract createAnalyzer(analyzerId: string, config?: JsonValue): Promise<Analyzer>;
  abstract createSource(sourceId: string): Promise<SourceAdapter>;
  abstract createStrategy(strategyId: string): Promise<ExecutionStrategy>;
}

/**
 * For the end of a message about something that is not here: a plugin that failed may be what brings it, and may have failed in this
 * process only. Empty where none did.
 */
export function failedHere({ plugins }: Pick<PluginRegistry, 'plugins'>): string {
  return plugins
    .flatMap(({ use, error }) => (error === undefined ? [] : [`; ${use} failed here: ${error.code}: ${error.message}`]))
    .join('');
}
