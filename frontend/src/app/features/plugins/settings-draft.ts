import type { ContributionWire, PluginDetailWire, PluginSettings } from '../../api/models';
import { difference, isKeys, isSame, layered, type Keys, type Value } from './json-values';
import { controlOf, defaultsOf, type OptionSchema } from './option-schema';

/** A contribution as it is being set. */
export interface ContributionDraft {
  readonly enabled: boolean | null;
  readonly streams: readonly string[] | null;
  readonly options: Keys;
}

/** A plugin as it is being set; nothing of it is kept before it is saved. */
export interface SettingsDraft {
  readonly enabled: boolean;
  /** By {@link contributionKey}. */
  readonly contributions: Readonly<Record<string, ContributionDraft>>;
}

/** One value that would change. */
export interface DraftChange {
  /** Of the contribution; null: of the plugin itself. */
  readonly contribution: ContributionWire | null;
  /** `enabled`, `streams`, or the path of an option. */
  readonly path: readonly string[];
  readonly before: Value;
  readonly after: Value;
}

export const contributionKey = ({ kind, id }: Pick<ContributionWire, 'kind' | 'id'>): string => `${kind} ${id}`;

/** Whether a value is set where the dashboard cannot change it. */
export const isLocked = (source: string): boolean => source === 'file' || source === 'environment';

const schemaOf = ({ schema }: ContributionWire): OptionSchema => schema as OptionSchema;

/** What holds now, as the form shows it: defaults where nothing is set. */
export function draftOf(plugin: PluginDetailWire): SettingsDraft {
  return {
    enabled: plugin.enabled.value,
    contributions: Object.fromEntries(
      plugin.contributions.map((contribution) => [
        contributionKey(contribution),
        {
          enabled: contribution.enabled?.value ?? null,
          streams: contribution.streams?.value ?? null,
          options: valuesOf(contribution),
        },
      ]),
    ),
  };
}

function valuesOf(contribution: ContributionWire): Keys {
  const defaults = defaultsOf(schemaOf(contribution));
  const set = Object.entries(contribution.options).map(([key, { value }]) => [key, layered(defaults[key], value ?? undefined)] as const);
  return Object.fromEntries(set.filter(([, value]) => value !== undefined && value !== null));
}

/** What of a draft is other than what holds now. */
export function draftChanges(plugin: PluginDetailWire, draft: SettingsDraft): DraftChange[] {
  const now = draftOf(plugin);
  return [
    ...(now.enabled === draft.enabled ? [] : [{ contribution: null, path: ['enabled'], before: now.enabled, after: draft.enabled }]),
    ...plugin.contributions.flatMap((contribution) => {
      const [before, after] = [now.contributions[contributionKey(contribution)]!, draft.contributions[contributionKey(contribution)]!];
      return [
        ...(before.enabled === after.enabled ? [] : [{ contribution, path: ['enabled'], before: before.enabled, after: after.enabled }]),
        ...(isSame(before.streams, after.streams)
          ? []
          : [{ contribution, path: ['streams'], before: before.streams, after: after.streams }]),
        ...optionChanges(before.options, after.options, []).map((change) => ({ contribution, ...change })),
      ];
    }),
  ];
}

function optionChanges(before: Value, after: Value, path: readonly string[]): { path: readonly string[]; before: Value; after: Value }[] {
  if (isKeys(before) && isKeys(after))
    return [...new Set([...Object.keys(before), ...Object.keys(after)])].flatMap((key) =>
      optionChanges(before[key], after[key], [...path, key]),
    );
  return isSame(before, after) ? [] : [{ path, before, after }];
}

/** All that is to be set of a plugin: what is other than its default, and not set elsewhere. */
export function settingsOf(plugin: PluginDetailWire, draft: SettingsDraft): PluginSettings {
  const of = (kind: ContributionWire['kind']): [string, ContributionWire, ContributionDraft][] =>
    plugin.contributions
      .filter((contribution) => contribution.kind === kind)
      .map((contribution) => [contribution.id, contribution, draft.contributions[contributionKey(contribution)]!]);
  const analyzers = present(
    of('analyzer').map(([id, contribution, { enabled, streams, options }]) => {
      // Keys that this form does not know of stay as they are.
      const { enabled: _, streams: __, config: ___, ...others } = plugin.settings.analyzers?.[id] ?? {};
      const own = {
        ...others,
        ...(isChosen(contribution.enabled, enabled) ? { enabled: enabled! } : {}),
        ...(isChosen(contribution.streams, streams) ? { streams: [...streams!] } : {}),
        ...optional('config', setOptions(contribution, options)),
      };
      return [id, own];
    }),
  );
  const optionsOf = (kind: 'source' | 'strategy'): Keys | undefined =>
    present(of(kind).map(([id, contribution, { options }]) => [id, setOptions(contribution, options) ?? {}]));
  return {
    ...(isChosen(plugin.enabled, draft.enabled) ? { enabled: draft.enabled } : {}),
    ...optional('analyzers', analyzers),
    ...optional('sources', optionsOf('source')),
    ...optional('strategies', optionsOf('strategy')),
  } as PluginSettings;
}

/** Set here already, or changed just now; what is locked is neither. */
function isChosen(now: { readonly value: Value; readonly source: string } | null, draft: Value): boolean {
  if (now === null || isLocked(now.source)) return false;
  return now.source === 'dashboard' || !isSame(now.value, draft);
}

function setOptions(contribution: ContributionWire, options: Keys): Keys | undefined {
  const { properties = {} } = schemaOf(contribution);
  const defaults = defaultsOf(schemaOf(contribution));
  const set = Object.entries(options)
    .filter(([key]) => !isLocked(contribution.options[key]?.source ?? 'default'))
    // Only a group takes part of its options; anything else is set as a whole.
    .map(([key, value]) => {
      const isGroup = properties[key] !== undefined && controlOf(properties[key]) === 'group';
      return [key, isGroup ? difference(defaults[key], value) : isSame(defaults[key], value) ? undefined : value] as const;
    })
    .filter(([, value]) => value !== undefined);
  return set.length === 0 ? undefined : Object.fromEntries(set);
}

const present = (entries: readonly (readonly [string, Keys])[]): Keys | undefined => {
  const kept = entries.filter(([, value]) => Object.keys(value).length > 0);
  return kept.length === 0 ? undefined : Object.fromEntries(kept);
};
const optional = (key: string, value: Keys | undefined): Keys => (value === undefined ? {} : { [key]: value });
