import { z, type ZodType } from 'zod';
import { variablesOf } from './environment-source.js';
import { configKeys, writtenForm, type ConfigKey } from './schema-walk.js';
import { declaredStream } from './streams-config.js';
import { analyzerPlacement, pluginEntry, vedetteConfigSchema } from './schema.js';

/** `docs/reference/config.schema.json`: what an editor checks `vedette.config.yaml` by. */
export function configJsonSchema(): string {
  const schema = z.toJSONSchema(vedetteConfigSchema, { io: 'input' });
  const titled = {
    ...schema,
    title: 'vedette.config.yaml',
    description: 'Configuration of Vedette. Every key has a default; unknown keys are refused.',
  };
  return `${JSON.stringify(titled, null, 2)}\n`;
}

/** `docs/reference/config.md`: every key with its variable, type and default. */
export function configMarkdown(): string {
  const keys = configKeys(vedetteConfigSchema);
  const sections = groupBy(keys, ({ path }) => (path.length > 1 ? (path[0] ?? '') : ''));
  return [
    '# Config reference',
    '',
    '<!-- Generated from src/core/config/schema.ts by `npm run docs:reference`. -->',
    '',
    '`vedette.config.yaml` beside the program, or the file that `VEDETTE_CONFIG` names. Everything is optional. Stronger beats weaker:',
    'defaults, then what the dashboard sets of plugins, then the file, then the environment, then the files that `…_FILE` variables name',
    '(for secrets). Unknown keys and unknown',
    '`VEDETTE_…` variables are refused. Relative folders count from the folder of the file. Durations and sizes carry their unit:',
    '`"2s"`, `"24h"`, `"1GiB"`. Lists and maps in the environment are YAML or JSON on one line.',
    '',
    'For completion in an editor begin the file with `# yaml-language-server: $schema=docs/reference/config.schema.json`.',
    ...[...sections].flatMap(([section, members]) => [
      '',
      section === '' ? '## Top level' : `## \`${section}\``,
      '',
      ...table(members, true),
    ]),
    '',
    '## An entry of `streams`',
    '',
    ...table(configKeys(declaredStream), false),
    '',
    '```yaml',
    'streams:',
    '  - name: front-door',
    '    adapter: webcam',
    '    config: { format: v4l2, device: /dev/video0 }',
    '  - name: studio',
    '    title: Studio 1',
    '    config: { networks: [10.20.0.0/16], takeover: true }',
    '```',
    '',
    '## An entry of `plugins`',
    '',
    ...table(configKeys(pluginEntry), false),
    '',
    '## An entry of `plugins[].analyzers`',
    '',
    ...table(configKeys(analyzerPlacement), false),
    '',
    '```yaml',
    'plugins:',
    '  - use: ./door-watch.ts',
    '    optional: true',
    '    analyzers:',
    '      acme.door.watch:',
    '        config: { minScore: 0.6 }',
    "        streams: ['entrance-*']",
    '```',
    '',
  ].join('\n');
}

function table(keys: readonly ConfigKey[], environment: boolean): string[] {
  const head = ['Key', ...(environment ? ['Environment'] : []), 'Type', 'Default', 'Meaning'];
  const rows = keys.map((key) => [
    `\`${key.path.join('.')}\``,
    ...(environment
      ? [
          variablesOf(key)
            .map((name) => `\`${name}\``)
            .join(' '),
        ]
      : []),
    typeText(key.schema),
    defaultText(key.schema),
    key.description,
  ]);
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`);
}

interface JsonSchema {
  readonly type?: string;
  readonly enum?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly pattern?: string;
  readonly default?: unknown;
}

const describe = (schema: ZodType): JsonSchema => z.toJSONSchema(schema, { io: 'input' }) as JsonSchema;

function typeText(schema: ZodType): string {
  const { type, enum: values, minimum, maximum, pattern } = describe(writtenForm(schema));
  if (values !== undefined) return values.map((value) => `\`${value}\``).join(', ');
  if (pattern?.includes('ms|s|m|h|d') === true) return 'duration';
  if (pattern?.includes('KiB') === true) return 'size';
  const range = type === 'integer' && minimum !== undefined && maximum !== undefined ? ` ${minimum}…${maximum}` : '';
  return `${({ array: 'list', object: 'map' } as Record<string, string>)[type ?? ''] ?? type ?? 'any'}${range}`;
}

function defaultText(schema: ZodType): string {
  const value = describe(schema).default;
  return value === undefined ? '' : `\`${JSON.stringify(value)}\``;
}

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return groups;
}
