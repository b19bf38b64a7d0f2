import { describe, expect, it } from 'vitest';
import { decodeReferences, encodeReferences } from './reference-bytes.js';

const image = (id: string, widthPx: number, heightPx: number, fill: number) => ({
  ...{ id, subjectId: 's', label: 'Ünï', variant: 'v', widthPx, heightPx, hasAlpha: true },
  rgba: new Uint8Array(widthPx * heightPx * 4).fill(fill),
});
const set = { kind: 'logo', revision: 7, images: [image('a', 3, 2, 1), image('b', 1, 1, 2)] };
const bytes = Buffer.concat(encodeReferences(set));

describe(decodeReferences.name, () => {
  it('gives back what was encoded', () => {
    expect(decodeReferences(bytes)).toEqual(set);
    expect(decodeReferences(Buffer.concat(encodeReferences({ kind: 'logo', revision: 0, images: [] })))).toEqual({
      kind: 'logo',
      revision: 0,
      images: [],
    });
  });

  it('refuses whatever is shorter or longer', () => {
    for (let length = 0; length < bytes.length; length++) expect(() => decodeReferences(bytes.subarray(0, length))).toThrow();
    expect(() => decodeReferences(Buffer.concat([bytes, Buffer.alloc(1)]))).toThrow('1 bytes too many');
  });

  it('refuses sizes that are no sizes', () => {
    const head = Buffer.from(
      JSON.stringify({
        kind: 'logo',
        revision: 1,
        images: [{ id: 'a', subjectId: 's', label: 'l', variant: 'v', widthPx: -1, heightPx: -1, hasAlpha: true }],
      }),
    );
    const length = Buffer.alloc(4);
    length.writeUInt32BE(head.length);
    expect(() => decodeReferences(Buffer.concat([length, head, Buffer.alloc(4)]))).toThrow();
  });
});
