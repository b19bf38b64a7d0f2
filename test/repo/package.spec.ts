import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as {
  private?: boolean;
  exports: Record<string, string | { types: string; default: string }>;
};
/** What is built may or may not be there; what is packed of it is told all the same. */
const packed = (
  JSON.parse(
    execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }),
  ) as { files: { path: string }[] }[]
)[0]!.files.map(({ path }) => path);

const WANTED = [
  /^(package\.json|README\.md|LICENSE)$/,
  /^dist\/.*(\.js|\.d\.ts)$/,
  /^bin\/(vedette|preinstall)\.mjs$/,
  /^models\/([\w-]+\.(onnx|LICENSE\.txt)|catalogue\.json)$/,
  /^frontend\/dist\/frontend\/(browser\/|3rdpartylicenses\.txt$)/,
];

describe('the package', () => {
  it('holds what runs, its types and its models, and nothing else', () => {
    expect(packed.filter((path) => !WANTED.some((wanted) => wanted.test(path)))).toEqual([]);
    expect(packed).toEqual(expect.arrayContaining(['bin/vedette.mjs', 'bin/preinstall.mjs', 'models/catalogue.json']));
  });

  it('brings each model that its catalogue names', () => {
    const { models } = JSON.parse(readFileSync('models/catalogue.json', 'utf8')) as { models: { id: string }[] };
    expect(models.length).toBeGreaterThan(0);
    expect(models.map(({ id }) => `models/${id}.onnx`).filter((path) => !packed.includes(path))).toEqual([]);
  });

  it('may be published, and lets nobody in but by its public names', () => {
    expect(manifest.private).toBeUndefined();
    expect(Object.keys(manifest.exports)).toEqual(['./plugin', './worker-host', './testing', './package.json']);
    for (const target of Object.values(manifest.exports))
      for (const path of typeof target === 'string' ? [target] : [target.types, target.default])
        expect(WANTED.some((wanted) => wanted.test(path.slice(2)))).toBe(true);
  });
});
