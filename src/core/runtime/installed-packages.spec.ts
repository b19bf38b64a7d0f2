import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { installedPackages } from './installed-packages.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vedette-packages-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function put(path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}

describe(installedPackages.name, () => {
  it('lists what runs and what the dashboard is built of, and no tools', async () => {
    put(
      'node_modules/.package-lock.json',
      JSON.stringify({
        packages: {
          frontend: { version: '0.1.0' },
          'node_modules/pg': { version: '8.0.0', license: 'MIT' },
          'node_modules/a/node_modules/pg': { version: '7.0.0', license: 'MIT' },
          'node_modules/@scope/old': { version: '1.0.0' },
          'node_modules/silent': { version: '1.0.0' },
          'node_modules/vitest': { version: '5.0.0', license: 'MIT', dev: true },
          'node_modules/vedette': { link: true },
        },
      }),
    );
    put('node_modules/@scope/old/package.json', JSON.stringify({ licenses: [{ type: 'MIT' }, { type: 'GPL-2.0' }] }));
    put(
      'frontend/dist/frontend/3rdpartylicenses.txt',
      '\n---\nPackage: hls.js\nLicense: "Apache-2.0"\n\ntext\n---\nPackage: pg\nLicense: "MIT"\n\n---\nPackage: odd\nLicense: ""\n',
    );
    expect(await installedPackages(folder)).toEqual([
      { name: '@scope/old', version: '1.0.0', licence: 'MIT OR GPL-2.0' },
      { name: 'hls.js', version: null, licence: 'Apache-2.0' },
      { name: 'odd', version: null, licence: 'not declared' },
      { name: 'pg', version: '8.0.0', licence: 'MIT' },
      { name: 'pg', version: '7.0.0', licence: 'MIT' },
      { name: 'silent', version: '1.0.0', licence: 'not declared' },
    ]);
  });

  it('finds its packages beside it where it is a package itself', async () => {
    put('node_modules/.package-lock.json', JSON.stringify({ packages: { 'node_modules/pg': { version: '8.0.0', license: 'MIT' } } }));
    expect(await installedPackages(join(folder, 'node_modules', 'vedette'))).toEqual([{ name: 'pg', version: '8.0.0', licence: 'MIT' }]);
  });

  it('knows nothing where there are no lists', async () => {
    expect(await installedPackages(folder)).toEqual([]);
  });

  it('knows this very installation', async () => {
    const packages = await installedPackages();
    expect(packages.find(({ name }) => name === 'zod')?.licence).toBe('MIT');
    expect(packages.map(({ name }) => name)).not.toContain('vitest');
  });
});
