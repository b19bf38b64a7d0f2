import type { CapacityWire, PluginWire } from '../../api/models';

export interface AnalyzerRow {
  readonly id: string;
  readonly title: string;
  readonly plugin: string;
  /** CPU of one core that a live stream takes; null: not measured here so far. */
  readonly coresPerStream: number | null;
}

/** What is looked for, and what it costs on this machine as measured. */
export function analyzerRows(plugins: readonly PluginWire[], capacity: CapacityWire | null): AnalyzerRow[] {
  const costs = new Map((capacity?.analyzers ?? []).map((cost) => [cost.analyzerId, cost.cpuSecondsPerStreamMinute]));
  return plugins
    .filter(({ state }) => state === 'loaded')
    .flatMap((plugin) =>
      plugin.analyzers.map(({ id, title }) => {
        const perMinute = costs.get(id) ?? null;
        return { id, title, plugin: plugin.id, coresPerStream: perMinute === null ? null : perMinute / 60 };
      }),
    );
}
