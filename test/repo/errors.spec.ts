import { describe, expect, it } from 'vitest';
import { documentedErrors } from './support/error-codes.js';
import { sources, tests, textOf } from './support/tree.js';

const CODE = /\bVD_[A-Z]+(?:_[A-Z0-9]+)+\b/g;
const isTable = (file: string): boolean =>
  /^src\/core\/(errors|worker-host\/protocol\/errors\.ts)|^src\/(adapters|plugins)\/[^/]+\/errors\.ts$/.test(file);
const codesIn = (files: readonly string[]): Set<string> => new Set(files.flatMap((file) => textOf(file).match(CODE) ?? []));

describe('coded errors', () => {
  it('are unique, say how to mend them, and are documented', async () => {
    const errors = await documentedErrors();
    const codes = errors.map(({ code }) => code);
    expect(codes.filter((code, index) => codes.indexOf(code) !== index)).toEqual([]);
    expect(errors.filter(({ fix }) => fix.trim() === '').map(({ code }) => code)).toEqual([]);
  });

  it('are used by the code', async () => {
    const used = codesIn(sources().filter((file) => !isTable(file)));
    const ownTables = sources().filter((file) => isTable(file) && !file.startsWith('src/core/'));
    // An adapter may throw from the file that holds its table.
    const usedInOwnTable = new Set(
      ownTables.flatMap((file) => (textOf(file).match(/'VD_[A-Z0-9_]+'/g) ?? []).map((text) => text.slice(1, -1))),
    );
    const unused = (await documentedErrors()).map(({ code }) => code).filter((code) => !used.has(code) && !usedInOwnTable.has(code));
    expect(unused).toEqual([]);
  });

  it('have a row in a table wherever the code speaks of one', async () => {
    const known = new Set((await documentedErrors()).map(({ code }) => code));
    const unknown = [...codesIn(sources())].filter((code) => !known.has(code));
    expect(unknown).toEqual([]);
  });

  it('are met by a test', async () => {
    const tested = codesIn(tests());
    expect((await documentedErrors()).map(({ code }) => code).filter((code) => !tested.has(code))).toEqual([]);
  });
});
