import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PluginPlaces } from './plugin-places.js';

let home: string;
beforeAll(() => {
  home = realpathSync(mkdtempSync(join(tmpdir(), 'vedette places-')));
  for (const folder of ['conf/door', 'conf/shared', 'node_modules/plain', 'node_modules/@acme', 'linked']) {
    mkdirSync(join(home, folder), { recursive: true });
  }
  symlinkSync(join(home, 'linked'), join(home, 'node_modules/@acme/linked'));
  for (const file of ['conf/single.mjs', 'conf/door/index.ts', 'conf/shared/a.mjs', 'conf/shared/b.mjs'])
    writeFileSync(join(home, file), '');
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

const USES = ['vedette/rtmp', './single.mjs', './door/index.ts', './shared/a.mjs', './shared/b.mjs', 'plain/sub', '@acme/linked', 'absent'];
const ownerOf = (...files: string[]): string | undefined => {
  const frames = files.map((file) => `    at open (${pathToFileURL(join(home, file)).href}:3:14)`);
  return new PluginPlaces(USES, join(home, 'conf')).ownerOf(['Error: no', ...frames].join('\n'));
};

describe(PluginPlaces.name, () => {
  it.each([
    ['conf/single.mjs', './single.mjs'],
    ['conf/door/index.ts', './door/index.ts'],
    ['conf/door/camera.ts', './door/index.ts'],
    ['conf/shared/b.mjs', './shared/b.mjs'],
    ['conf/shared/both.mjs', './shared/a.mjs or ./shared/b.mjs'],
    ['node_modules/plain/node_modules/dep/index.js', 'plain/sub'],
    ['linked/index.js', '@acme/linked'],
    ['conf/other.mjs', undefined],
    ['node_modules/plainer/index.js', undefined],
  ])('knows whose %s is', (file, owner) => {
    expect(ownerOf(file)).toBe(owner);
  });

  it('names the plugin nearest to the fault', () => {
    expect(ownerOf('node_modules/other/index.js', 'conf/door/camera.ts', 'conf/single.mjs')).toBe('./door/index.ts');
  });

  it('reads frames without a function, and plain paths', () => {
    const places = new PluginPlaces(USES, join(home, 'conf'));
    expect(places.ownerOf(`Error: no\n    at ${join(home, 'conf/single.mjs')}:1:1`)).toBe('./single.mjs');
    const url = pathToFileURL(join(home, 'conf/single.mjs')).href;
    expect(places.ownerOf(`Error: no\n    at async ${url}:1:1`)).toBe('./single.mjs');
    expect(places.ownerOf(`Error: no\n    at async Promise.all (index 0)\n    at node:internal/timers:581:17`)).toBeUndefined();
    expect(places.ownerOf(undefined)).toBeUndefined();
  });

  it('takes no code of ours for that of a plugin whose folder holds all of Vedette', () => {
    const root = join(import.meta.dirname, '../../..');
    const places = new PluginPlaces(['./x/door.mjs'.replace('x', root.split('/').at(-1)!)], join(root, '..'));
    expect(places.ownerOf(new Error('here').stack)).toBeUndefined();
  });
});
