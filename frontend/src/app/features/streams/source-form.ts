import type { PluginWire } from '../../api/models';
import { humanName } from '../../core/format';

/** Where a stream can come from, as the plugins offer it. */
export interface SourceChoice {
  readonly id: string;
  readonly title: string;
  /** Publishers connect to it with a key; its streams take no config. */
  readonly listener: boolean;
  readonly fields: readonly SourceField[];
}

/** One value of a source's config, made from its JSON Schema. */
export interface SourceField {
  readonly name: string;
  readonly title: string;
  readonly hint: string;
  readonly kind: 'text' | 'number' | 'choice' | 'switch';
  readonly required: boolean;
  readonly options: readonly string[];
  /** What the source takes when the field is left empty. */
  readonly fallback: string;
}

interface ValueSchema {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly description?: string;
  readonly default?: unknown;
}

const KINDS: Readonly<Record<string, SourceField['kind']>> = { string: 'text', integer: 'number', number: 'number', boolean: 'switch' };

/** Those that publish to us first: what most people want. */
export function sourceChoices(plugins: readonly PluginWire[]): SourceChoice[] {
  return plugins
    .flatMap((plugin) => plugin.sources)
    .map((source) => ({
      id: source.id,
      title: source.title,
      listener: source.kind === 'listener',
      fields: fieldsOf(source.configSchema ?? {}),
    }))
    .sort((a, b) => Number(b.listener) - Number(a.listener) || a.title.localeCompare(b.title));
}

/** Values that a form can take; what is nested deeper stays for the API and the config file. */
function fieldsOf(schema: Readonly<Record<string, unknown>>): SourceField[] {
  const properties = (schema['properties'] ?? {}) as Readonly<Record<string, ValueSchema>>;
  const required = (schema['required'] ?? []) as readonly string[];
  return Object.entries(properties).flatMap(([name, value]) => {
    const kind = value.enum !== undefined ? 'choice' : KINDS[value.type ?? ''];
    if (kind === undefined) return [];
    return {
      name,
      title: humanName(name).replace(/^(fps|gop)\b/i, (word) => word.toUpperCase()),
      hint: value.description ?? '',
      kind,
      required: required.includes(name),
      options: (value.enum ?? []).map(String),
      fallback: value.default === undefined ? '' : String(value.default),
    };
  });
}

/** What was typed, as the source wants it; empty fields are left to the source's own defaults. */
export function sourceConfigOf(fields: readonly SourceField[], typed: ReadonlyMap<string, string>): Record<string, unknown> {
  const config: Record<string, unknown> = {};
  for (const { name, kind, options, required } of fields) {
    const text = (typed.get(name) ?? (kind === 'choice' && required ? options[0] : '') ?? '').trim();
    if (text === '') continue;
    const number = Number(text);
    config[name] = kind === 'switch' ? text === 'true' : kind === 'number' && Number.isFinite(number) ? number : text;
  }
  return config;
}
