import type { CapacityWire, PluginSettings } from '../../api/models';

type Step = NonNullable<CapacityWire['cheapest']>['steps'][number];
/** One value of an analyzer in the settings of its plugin. */
export type Setting = Step['settings'][number];
type Keys = Readonly<Record<string, unknown>>;

const isKeys = (value: unknown): value is Keys => typeof value === 'object' && value !== null && !Array.isArray(value);
const pathOf = ({ analyzerId, path }: Setting): readonly string[] => ['analyzers', analyzerId, ...path];

/** What all steps set; null where one of them is done in another way, as on a machine. Of one key the last step counts. */
export function settingsOfSteps(steps: readonly Step[]): readonly Setting[] | null {
  if (steps.length === 0 || steps.some(({ settings }) => settings.length === 0)) return null;
  return [...new Map(steps.flatMap(({ settings }) => settings).map((one) => [JSON.stringify(pathOf(one)), one])).values()];
}

/** The settings of a plugin with these beside or in place of what is set. */
export function withSettings(settings: PluginSettings, own: readonly Setting[]): PluginSettings {
  return own.reduce<PluginSettings>((all, one) => withValue(all, pathOf(one), one.value) as PluginSettings, settings);
}

/** @param settings undefined: they are not known */
export function isAllSet(settings: PluginSettings | undefined, own: readonly Setting[]): boolean {
  return own.every((one) => JSON.stringify(valueAt(settings, pathOf(one))) === JSON.stringify(one.value));
}

function withValue(keys: unknown, [key, ...rest]: readonly string[], value: unknown): unknown {
  if (key === undefined) return value;
  const own = isKeys(keys) ? keys : {};
  return { ...own, [key]: withValue(own[key], rest, value) };
}

const valueAt = (keys: unknown, path: readonly string[]): unknown =>
  path.reduce<unknown>((value, key) => (isKeys(value) ? value[key] : undefined), keys);
