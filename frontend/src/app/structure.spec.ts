import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const APP = import.meta.dirname;

/** Every import between files of the app, as paths below it. */
function imports(): { from: string; to: string }[] {
  const files = readdirSync(APP, { recursive: true, encoding: 'utf8' }).filter(
    (file) => file.endsWith('.ts') && !file.endsWith('.spec.ts'),
  );
  return files.flatMap((file) =>
    [...readFileSync(join(APP, file), 'utf8').matchAll(/(?:from|import\()\s*'(\.[^']+)'/g)].map((match) => ({
      from: file,
      to: relative(APP, resolve(dirname(join(APP, file)), match[1]!)),
    })),
  );
}
const MAY_IMPORT_SCHEMA = new Set(['api/models.ts', 'api/api-client.ts', 'api/body.ts']);
const featureOf = (path: string): string | null => /^features\/([^/]+)\//.exec(path)?.[1] ?? null;
const offending = (forbidden: (from: string, to: string) => boolean): string[] =>
  imports()
    .filter(({ from, to }) => forbidden(from, to))
    .map(({ from, to }) => `${from} → ${to}`);

describe('structure of the dashboard', () => {
  it('is read: the imports that must exist are seen', () => {
    expect(imports()).toContainEqual({ from: 'pages/stream-page.ts', to: 'features/player/player' });
  });

  it('a feature never imports another feature', () => {
    expect(offending((from, to) => featureOf(from) !== null && featureOf(to) !== null && featureOf(from) !== featureOf(to))).toEqual([]);
  });

  it('shared parts are dumb: they know no state, no feature and no page', () => {
    expect(offending((from, to) => from.startsWith('shared/') && /^(core|features|pages|shell)\//.test(to))).toEqual([]);
  });

  it('state knows no feature, no page and no shared part', () => {
    expect(offending((from, to) => /^(core|api)\//.test(from) && /^(features|pages|shared|shell)\//.test(to))).toEqual([]);
  });

  it('only the client, what it is made of and models.ts import the generated types', () => {
    expect(offending((from, to) => to === 'api/schema' && !MAY_IMPORT_SCHEMA.has(from))).toEqual([]);
  });

  it('only pages bring styles, out of files that are fetched with them: what is on every page is in styles.css', () => {
    const withStyles = readdirSync(APP, { recursive: true, encoding: 'utf8' }).filter(
      (file) => file.endsWith('.ts') && !file.endsWith('.spec.ts') && /\bstyle(s|Url|Urls):/.test(readFileSync(join(APP, file), 'utf8')),
    );
    expect(withStyles.filter((file) => !/^pages\/[\w-]+-page\.ts$/.test(file))).toEqual([]);
    const written = withStyles.filter((file) => /\bstyles:/.test(readFileSync(join(APP, file), 'utf8')));
    expect(written).toEqual([]);
    expect(withStyles.length).toBeGreaterThan(5);
  });
});
