import { describe, expect, it } from 'vitest';
import { configKeys } from '../../src/core/config/schema-walk.js';
import { vedetteConfigSchema } from '../../src/core/config/schema.js';
import { sources, textOf } from './support/tree.js';

/** What core's own config is read by: plugins have configs of their own, whose keys may have the same names. */
const readers = sources().filter((file) => /^src\/(core|cli)\/|^src\/main\.ts$/.test(file) && !file.startsWith('src/core/config/'));
const withoutComments = (text: string): string => text.replace(/\/\*[^]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
const texts = readers.map((file) => withoutComments(textOf(file)));
/** Groups that are handed on whole, and to whom: there a key is read by its name alone. */
const handedOn: Readonly<Record<string, RegExp>> = { workerHost: /^src\/core\/worker-host\// };

/** A file reads a key if it names both the key and the group that the key is in. */
function isRead(path: readonly string[]): boolean {
  const to = handedOn[path[0]!];
  if (to !== undefined) return sources().some((file) => to.test(file) && withoutComments(textOf(file)).includes(path.at(-1)!));
  const words = path.slice(-2).map((word) => new RegExp(`\\b${word}\\b`));
  return texts.some((text) => words.every((word) => word.test(text)));
}

describe('the config', () => {
  it('has no key that nobody reads', () => {
    const unread = configKeys(vedetteConfigSchema).filter(({ path }) => !isRead(path));
    expect(unread.map(({ path }) => path.join('.'))).toEqual([]);
  });

  it('would be caught with a key that nobody reads', () => {
    expect(isRead(['packaging', 'nobodyReadsThis'])).toBe(false);
    // The group alone, or the word alone elsewhere, is not enough.
    expect(isRead(['packaging', 'noSuchGroup'])).toBe(false);
  });
});
