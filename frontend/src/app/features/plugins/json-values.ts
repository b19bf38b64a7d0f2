/** Values of options, as JSON has them; absent: not set. */
export type Value = unknown;
export type Keys = Readonly<Record<string, Value>>;

export const isKeys = (value: Value): value is Keys => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Whether two values say the same, whatever the order of their keys. */
export function isSame(a: Value, b: Value): boolean {
  if (isKeys(a) && isKeys(b)) {
    const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
    return [...keys].every((key) => isSame(a[key], b[key]));
  }
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((item, i) => isSame(item, b[i]));
  return a === b;
}

/** What of `value` is other than `base`, key by key; undefined: nothing is. */
export function difference(base: Value, value: Value): Value {
  if (!isKeys(value) || !isKeys(base)) return value === undefined || isSame(base, value) ? undefined : value;
  const entries = Object.entries(value)
    .map(([key, inner]) => [key, difference(base[key], inner)] as const)
    .filter(([, inner]) => inner !== undefined);
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

/** The upper value wherever there is one; of keys and values, key by key. */
export function layered(lower: Value, upper: Value): Value {
  if (!isKeys(lower) || !isKeys(upper)) return upper ?? lower;
  const keys = new Set([...Object.keys(lower), ...Object.keys(upper)]);
  return Object.fromEntries([...keys].map((key) => [key, layered(lower[key], upper[key])]));
}

/** A value as a line of text shows it. */
export function valueText(value: Value): string {
  if (value === undefined) return '–';
  if (Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === 'string')) return value.join(', ');
  return typeof value === 'string' ? value : JSON.stringify(value);
}
