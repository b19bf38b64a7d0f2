import type { StrategyWire } from '../../api/models';
import { sentence } from '../../core/format';
import { groupedBy } from '../../core/grouped-by';
import type { Tone } from './tone';
import type { Words } from './words';

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

const TONES = { up: 'good', connecting: 'unknown', resting: 'warn', out: 'bad', refused: 'bad' } as const satisfies Readonly<
  Record<string, Tone>
>;
type State = keyof typeof TONES;
const isState = (state: string | null): state is State => state !== null && Object.hasOwn(TONES, state);

/**
 * Hosts out of what strategies report of themselves under `hosts`. A report is a plugin's own and may be of another version: what is not
 * of the expected kind is left out. Where workers disagree about a host, the worst view is shown: it is the one that wants looking into.
 */
export function hostsOf(strategies: readonly StrategyWire[], words: Words): HostView[] {
  return strategies.flatMap((strategy) => {
    const seen = strategy.workers.flatMap(({ report }) => (Array.isArray(report['hosts']) ? report['hosts'].filter(isRecord) : []));
    const byHost = groupedBy(
      seen.filter((host) => nameOf(host) !== null),
      (host) => text(host['url']) ?? nameOf(host)!,
    );
    return [...byHost]
      .map(([key, views]) => hostView(`${strategy.id} ${key}`, strategy.title, views, words))
      .sort((a, b) => a.name.localeCompare(b.name));
  });
}

type Report = Readonly<Record<string, unknown>>;
const isRecord = (value: unknown): value is Report => typeof value === 'object' && value !== null && !Array.isArray(value);
const text = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);
const number = (value: unknown): number | null => (typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : null);
const nameOf = (host: Report): string | null => text(host['name']) ?? text(host['url']);
const toneOf = (state: string | null): Tone => (isState(state) ? TONES[state] : 'unknown');
const badness = (host: Report): number => ['good', 'unknown', 'warn', 'bad'].indexOf(toneOf(text(host['state'])));
const most = (views: readonly Report[], key: string): number | null =>
  views.reduce<number | null>((top, view) => (number(view[key]) === null ? top : Math.max(top ?? 0, number(view[key])!)), null);

function hostView(key: string, strategy: string, views: readonly Report[], words: Words): HostView {
  const { t, as } = words;
  const worst = views.reduce((a, b) => (badness(b) > badness(a) ? b : a));
  const told = text(worst['state']);
  const state = isState(told) ? t(`hosts.states.${told}`) : told === null ? t('hosts.untold') : sentence(told);
  const same = views.filter((view) => text(view['state']) === told).length;
  const capacity = most(views, 'capacity');
  const running = most(views, 'running') ?? 0;
  const waiting = most(views, 'waiting') ?? 0;
  const reason = text(worst['reason']);
  const tone = toneOf(told);
  // What a host said before it was lost is old.
  const isLost = tone === 'bad' && same === views.length;
  return {
    key,
    name: nameOf(views.find((view) => text(view['name']) !== null) ?? worst)!,
    address: text(worst['url']),
    strategy,
    tone,
    state: same === views.length ? state : t.count('hosts.stateFor', views.length, { state, same }),
    reason: reason === null ? null : sentence(reason),
    load: isLost || capacity === null || capacity === 0 ? null : running / capacity,
    loadText: isLost
      ? null
      : capacity === null
        ? t('hosts.load', { running: as.number(running), waiting: as.number(waiting) })
        : t('hosts.loadOf', { running: as.number(running), capacity: as.number(capacity), waiting: as.number(waiting) }),
    facts: isLost ? [] : factsOf(worst, words),
  };
}

function factsOf(host: Report, { t, as }: Words): string[] {
  const rss = number(host['rssBytes']);
  const load = host['loadAverage'];
  const version = text(host['version']);
  const platform = text(host['platform']);
  const oneMinute = number(Array.isArray(load) ? load[0] : load);
  const analyzers = Array.isArray(host['analyzers']) ? host['analyzers'].filter((one): one is string => typeof one === 'string') : [];
  return [
    ...(platform === null ? [] : [platform]),
    ...(version === null ? [] : [`Vedette ${version}`]),
    ...(rss === null ? [] : [t('hosts.memory', { size: as.bytes(rss) })]),
    ...(oneMinute === null ? [] : [t('hosts.systemLoad', { load: as.number(oneMinute, 2) })]),
    ...(analyzers.length === 0 ? [] : [analyzers.join(', ')]),
  ];
}
