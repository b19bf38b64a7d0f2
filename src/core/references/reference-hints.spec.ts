import { describe, expect, it } from 'vitest';
import { hintsOf } from './reference-hints.js';

const clean = { source: 'upload', widthPx: 300, heightPx: 200, hasAlpha: true, backgroundRemoved: false } as const;

describe(hintsOf.name, () => {
  it('has nothing to say of a large image without background', () => {
    expect(hintsOf(clean)).toEqual([]);
    expect(hintsOf({ ...clean, source: 'icon', widthPx: 96, heightPx: 96 })).toEqual([]);
  });

  it.each([
    ['few-pixels', { widthPx: 95, heightPx: 60 }],
    ['elongated', { widthPx: 512, heightPx: 100 }],
    ['opaque', { hasAlpha: false }],
    ['from-frame', { source: 'frame', hasAlpha: false }],
    ['background-removed', { backgroundRemoved: true }],
  ] as const)('says %s', (hint, over) => {
    expect(hintsOf({ ...clean, ...over })).toEqual([hint]);
  });
});
