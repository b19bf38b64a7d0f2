import { isKeys, type Keys, type Value } from './json-values';

/** JSON Schema of an option, as far as a form is made of it. */
export interface OptionSchema {
  readonly type?: string | readonly string[];
  readonly default?: Value;
  readonly enum?: readonly Value[];
  readonly properties?: Readonly<Record<string, OptionSchema>>;
  readonly items?: OptionSchema;
  readonly description?: string;
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly multipleOf?: number;
  readonly minLength?: number;
}

/** How an option is written: what has no control of its own is written as JSON. */
export type Control = 'checkbox' | 'number' | 'text' | 'select' | 'lines' | 'group' | 'json';

export function controlOf({ type, enum: choices, items, properties }: OptionSchema): Control {
  if (choices !== undefined) return type === 'string' ? 'select' : 'json';
  if (type === 'boolean') return 'checkbox';
  if (type === 'number' || type === 'integer') return 'number';
  if (type === 'string') return 'text';
  if (type === 'array' && items?.type === 'string') return 'lines';
  if (type === 'object' && properties !== undefined && Object.values(properties).every((inner) => isPlain(controlOf(inner))))
    return 'group';
  return 'json';
}

const isPlain = (control: Control): boolean => control !== 'group' && control !== 'json';

/** What an option is where nobody sets it; a group has the defaults of its options. */
export function defaultOf(schema: OptionSchema): Value {
  if (controlOf(schema) !== 'group') return schema.default;
  const inner = Object.entries(schema.properties ?? {}).map(([key, property]) => [key, defaultOf(property)] as const);
  const defaults: Keys = Object.fromEntries(inner.filter(([, value]) => value !== undefined));
  return isKeys(schema.default) ? { ...defaults, ...schema.default } : defaults;
}

export const defaultsOf = ({ properties = {} }: OptionSchema): Keys =>
  Object.fromEntries(Object.entries(properties).map(([key, property]) => [key, defaultOf(property)]));

const UNITS: Readonly<Record<string, string>> = { px: 'px', kbps: 'kbit/s', fps: 'frames/s', us: 'µs' };

/** "minScore" is "Min score", "maxBitrateKbps" is "Max bitrate (kbit/s)", "fps" is "Frames per second". */
export function optionTitle(key: string): string {
  if (key === 'fps') return 'Frames per second';
  const words = key
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .split(/[\s_-]+/)
    .map((word) => word.toLowerCase());
  const unit = words.length > 1 ? UNITS[words.at(-1)!] : undefined;
  const said = (unit === undefined ? words : words.slice(0, -1)).join(' ');
  return `${said.charAt(0).toUpperCase()}${said.slice(1)}${unit === undefined ? '' : ` (${unit})`}`;
}
