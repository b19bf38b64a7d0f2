import { describe, expect, it } from 'vitest';
import { mediaFolderProblems } from './media-space.js';

describe('mediaFolderProblems', () => {
  it('warns while there still is some room, of each node by its name', () => {
    const folders = [99, 0, 100].map((mebibytes, index) => ({
      name: `node-${index}`,
      freeBytes: mebibytes * 1024 ** 2,
      writeFault: null,
    }));
    expect(mediaFolderProblems(folders)).toEqual([
      expect.stringContaining('node-0 has 99 MiB left'),
      expect.stringContaining('node-1 has 0 MiB left'),
    ]);
  });

  it('tells why a folder cannot be written to, however much room it has', () => {
    expect(mediaFolderProblems([{ name: 'node', freeBytes: 1e12, writeFault: 'EROFS: read-only file system' }])).toEqual([
      'The media folder of node cannot be written to: EROFS: read-only file system',
    ]);
  });

  it('says nothing where the room is not known', () => {
    expect(mediaFolderProblems([{ name: 'node', freeBytes: null, writeFault: null }])).toEqual([]);
    expect(mediaFolderProblems([])).toEqual([]);
  });
});
