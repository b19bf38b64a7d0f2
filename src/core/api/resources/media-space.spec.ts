import { describe, expect, it } from 'vitest';
import { lackOfMediaSpace } from './media-space.js';

describe('lackOfMediaSpace', () => {
  it('warns while there still is some room, of each node by its name', () => {
    const folders = [99, 0, 100].map((mebibytes, index) => ({ name: `node-${index}`, freeBytes: mebibytes * 1024 ** 2 }));
    expect(lackOfMediaSpace(folders)).toEqual([
      expect.stringContaining('node-0 has 99 MiB left'),
      expect.stringContaining('node-1 has 0 MiB left'),
    ]);
  });

  it('says nothing where the room is not known', () => {
    expect(lackOfMediaSpace([{ name: 'node', freeBytes: null }])).toEqual([]);
    expect(lackOfMediaSpace([])).toEqual([]);
  });
});
