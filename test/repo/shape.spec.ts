import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DATA_FOLDERS } from '../../src/core/config/data-folders.js';
import { ROOT, sources, textOf, trackedFiles } from './support/tree.js';

/** Around 300 is where a file should have been two; past this it is not a matter of taste. */
const MAX_LINES = 350;
/** The formatter's width; it leaves alone what it cannot break: texts, statements, comments. */
const MAX_COLUMNS = 140;

describe('files stay small and named for their role', () => {
  it(`no source has more than ${MAX_LINES} lines`, () => {
    const long = sources().map((file) => ({ file, lines: textOf(file).split('\n').length - 1 }));
    expect(long.filter(({ lines }) => lines > MAX_LINES)).toEqual([]);
  });

  it(`no source has lines of more than ${MAX_COLUMNS} columns: what does not fit is two things`, () => {
    const written = trackedFiles().filter((file) => /^(src|frontend\/src)\/.*\.ts$/.test(file) && !file.endsWith('api/schema.ts'));
    const wide = written.flatMap((file) =>
      textOf(file)
        .split('\n')
        .map((line, index) => ({ at: `${file}:${index + 1}`, columns: line.length })),
    );
    expect(wide.filter(({ columns }) => columns > MAX_COLUMNS)).toEqual([]);
  });

  it('no two sources have one name, but for the files that every plugin and command has', () => {
    const names = sources()
      .filter((file) => !/^src\/cli\/commands\/|\/(index|config|errors|main)\.ts$/.test(file))
      .map((file) => file.slice(file.lastIndexOf('/') + 1));
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  });

  it('nothing is called utils, helpers, common or misc', () => {
    expect(sources().filter((file) => /\/(utils?|helpers?|common|misc)(\.ts|\/)/.test(file))).toEqual([]);
  });
});

describe('the data folder', () => {
  it('has no folder that nobody said who writes to', () => {
    const { hidden, supervised, roles, children } = DATA_FOLDERS;
    const used = sources().flatMap((file) => [...textOf(file).matchAll(/[dD]ataDir, '([\w-]+)'/g)].map(([, name]) => name!));
    expect(used.length).toBeGreaterThan(5);
    expect([...new Set(used)].filter((name) => ![...hidden, ...supervised, ...roles, ...children].includes(name as never))).toEqual([]);
  });
});

/** What a plugin can contribute: the definition's name in `PluginDefinition`, and where its parts must be. */
const EXTENSION_POINTS = [
  { kind: 'analyzers', file: 'analyzer', contract: 'analyzer-contract', create: 'createAnalyzer' },
  { kind: 'sources', file: 'source-adapter', contract: 'source-contract', create: 'createSource' },
  { kind: 'strategies', file: 'execution-strategy', contract: 'strategy-contract', create: 'createStrategy' },
];

describe('extension points', () => {
  it('are the ones listed here', () => {
    const definition = /export interface PluginDefinition \{(.*?)^\}/ms.exec(textOf('src/core/plugin-api/plugin.ts'))?.[1] ?? '';
    const kinds = [...definition.matchAll(/readonly (\w+)\?: readonly \w+Definition\[\]/g)].map(([, kind]) => kind);
    expect(kinds).toEqual(EXTENSION_POINTS.map(({ kind }) => kind));
  });

  it.each(EXTENSION_POINTS)('$file has its interface, registry, contract suite and guide', ({ kind, file, contract, create }) => {
    const api = textOf(`src/core/plugin-api/${file}.ts`);
    expect(api).toMatch(/\*\*Extension point: /);
    const registry = textOf('src/core/plugin-host/plugin-registry.ts');
    expect(registry).toContain(`abstract readonly ${kind}:`);
    expect(registry).toContain(`abstract ${create}(`);
    expect(existsSync(join(ROOT, `src/core/plugin-testing/${contract}.ts`))).toBe(true);
    expect(existsSync(join(ROOT, `docs/guides/${file}.md`))).toBe(true);
  });
});
