import { tmpdir } from 'node:os';
import { describe, expect, it } from 'vitest';
import { lackOfMediaSpace } from './media-space.js';

describe('lackOfMediaSpace', () => {
  it('warns while there still is some room', async () => {
    expect(await lackOfMediaSpace('media', async () => 99 * 1024 ** 2)).toContain('99 MiB left');
    expect(await lackOfMediaSpace('media', async () => 0)).toContain('0 MiB left');
    expect(await lackOfMediaSpace('media', async () => 100 * 1024 ** 2)).toBeNull();
  });

  it('says nothing of a folder that this host does not see', async () => {
    expect(await lackOfMediaSpace(`${tmpdir()}/no-such-media-folder`)).toBeNull();
  });
});
