import type { StrategyWire } from '../../api/models';
import { counted, sentence } from '../../core/format';
import { groupedBy } from '../../core/grouped-by';
import type { Tone } from './tone';

/** A machine that a strategy sends work to, as the workers report it. */
export interface HostView {
  readonly key: string;
  readonly name: string;
  readonly address: string | null;
  readonly strategy: string;
  readonly tone: Tone;
  readonly state: string;
  readonly reason: string | null;
  /** Jobs under way of those it can do at once, 0..1; null: it does not say. */
  readonly load: number | null;
  /** Null: nobody can ask it. */
  readonly loadText: string | null;
  readonly facts: readonly string[];
}

const TONES: Readonly<Record<string, Tone>> = { up: 'good', connecting: 'unknown', resting: 'warn', out: 'bad', refused: 'bad' };

/**
 * Hosts out of what strategies report of themselves under `hosts`. A report is a plugin's own and may be of another version: what is not
 * of the expected kind is left out. Where workers disagree about a host, the worst view is shown: it is the one that wants looking into.
 */
export function hostsOf(strategies: readonly StrategyWire[]): HostView[] {
  return strategies.flatMap((strategy) => {
    const seen = strategy.workers.flatMap(({ report }) => (Array.isArray(report['hosts']) ? report['hosts'].filter(isRecord) : []));
    const byHost = groupedBy(
      seen.filter((host) => nameOf(host) !== null),
      (host) => text(host['url']) ?? nameOf(host)!,
    );
    return [...byHost]
      .map(([key, views]) => hostView(`${strategy.id} ${key}`, strategy.title, views))
      .sort((a, b) => a.name.localeCompare(b.name));
  });
}

type Report = Readonly<Record<string, unknown>>;
const isRecord = (value: unknown): value is Report => typeof value === 'object' && value !== null && !Array.isArray(value);
const text = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);
const number = (value: unknown): number | null => (typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : null);
const nameOf = (host: Report): string | null => text(host['name']) ?? text(host['url']);
const badness = (host: Report): number => ['good', 'unknown', 'warn', 'bad'].indexOf(TONES[text(host['state']) ?? ''] ?? 'unknown');
const most = (views: readonly Report[], key: string): number | null =>
  views.reduce<number | null>((top, view) => (number(view[key]) === null ? top : Math.max(top ?? 0, number(view[key])!)), null);

function hostView(key: string, strategy: string, views: readonly Report[]): HostView {
  const worst = views.reduce((a, b) => (badness(b) > badness(a) ? b : a));
  const state = text(worst['state']) ?? 'state not told';
  const same = views.filter((view) => text(view['state']) === text(worst['state'])).length;
  const capacity = most(views, 'capacity');
  const running = most(views, 'running') ?? 0;
  const waiting = most(views, 'waiting') ?? 0;
  const reason = text(worst['reason']);
  const tone = TONES[state] ?? 'unknown';
  // What a host said before it was lost is old.
  const isLost = tone === 'bad' && same === views.length;
  return {
    key,
    name: nameOf(views.find((view) => text(view['name']) !== null) ?? worst)!,
    address: text(worst['url']),
    strategy,
    tone,
    state: sentence(state) + (same === views.length ? '' : ` for ${same} of ${counted(views.length, 'worker')}`),
    reason: reason === null ? null : sentence(reason),
    load: isLost || capacity === null || capacity === 0 ? null : running / capacity,
    loadText: isLost ? null : `${running}${capacity === null ? '' : ` of ${capacity}`} running, ${waiting} waiting`,
    facts: isLost ? [] : factsOf(worst),
  };
}

function factsOf(host: Report): string[] {
  const rss = number(host['rssBytes']);
  const load = host['loadAverage'];
  const version = text(host['version']);
  const platform = text(host['platform']);
  const oneMinute = number(Array.isArray(load) ? load[0] : load);
  const analyzers = Array.isArray(host['analyzers']) ? host['analyzers'].filter((one): one is string => typeof one === 'string') : [];
  return [
    ...(platform === null ? [] : [platform]),
    ...(version === null ? [] : [`Vedette ${version}`]),
    ...(rss === null ? [] : [`${(rss / 1e9).toFixed(1)} GB of memory`]),
    ...(oneMinute === null ? [] : [`load ${oneMinute.toFixed(2)}`]),
    ...(analyzers.length === 0 ? [] : [analyzers.join(', ')]),
  ];
}
