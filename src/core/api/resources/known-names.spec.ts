import { describe, expect, it } from 'vitest';
import { FakePluginRegistry } from '../../../../test/support/fakes/fake-plugin-registry.js';
import type { BrandStore } from '../../persistence/references/brand-store.js';
import { KnownNames, nothingNamed } from './known-names.js';

const registry = Object.assign(new FakePluginRegistry({}), {
  analyzers: [{ definition: { id: 'object-detection' } }],
  queues: ['default', 'visual_analysis'],
});
const brands = {
  list: async ({ deleted = false }: { deleted?: boolean } = {}) => (deleted ? [{ name: 'Initech' }] : [{ name: 'Acme' }]),
} as unknown as BrandStore;
const names = new KnownNames(registry, brands);
const empty = Promise.resolve({ items: [], next: null });
const full = Promise.resolve({ items: [1], next: null });

describe(KnownNames.name, () => {
  it.each([
    [
      { analyzerId: 'object-detecton' },
      'analyzerId: nothing is named "object-detecton" (did you mean "object-detection"?); there are: object-detection',
    ],
    [{ queue: 'visual' }, 'queue: nothing is named "visual"; there are: default, visual_analysis'],
  ])('refuses to call a page empty that was asked for by a name of nothing: %o', async (filter, message) => {
    await expect(names.explain(filter, empty)).rejects.toMatchObject({ code: 'VD_API_NAME_UNKNOWN', httpStatus: 400, message });
  });

  it.each([
    [{ analyzerId: 'removed-since' }, full],
    [{ analyzerId: 'object-detection', queue: 'default' }, empty],
    [{ analyzerId: 'removed-since', after: 'cursor' }, empty],
    [{}, empty],
  ])('gives a page of anything back as it is: %o', async (filter, page) => {
    expect(await names.explain(filter, page)).toBe(await page);
  });

  it('knows brands of the library, removed ones, and those in results', async () => {
    await names.brandsMustExist(['Acme', 'Initech', 'Umbrella'], new Set(['Umbrella']));
    await expect(names.brandsMustExist(['acne'], new Set(['Umbrella']))).rejects.toMatchObject({
      code: 'VD_API_NAME_UNKNOWN',
      message: 'brand: nothing is named "acne" (did you mean "Acme"?); there are: Acme, Initech, Umbrella',
    });
  });

  it('lists some names of many', () => {
    const many = Array.from({ length: 30 }, (_, index) => `stream-${index}`);
    expect(nothingNamed('x', many)).toMatch(/stream-19, …$/);
    expect(nothingNamed('x', [])).toBe('nothing is named "x"; there are: none');
  });
});
