import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ingestIdentity } from './ingest-identity.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vd-identity-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('ingestIdentity', () => {
  it('is the same after a restart, and another in another media folder', async () => {
    const first = await ingestIdentity(join(folder, 'media'));
    expect(await ingestIdentity(join(folder, 'media'))).toBe(first);
    expect(await ingestIdentity(join(folder, 'other'))).not.toBe(first);
  });

  it('says that the media folder cannot be written to', async () => {
    await writeFile(join(folder, 'media'), 'a file');
    await expect(ingestIdentity(join(folder, 'media'))).rejects.toMatchObject({ code: 'VD_INGEST_MEDIA_UNWRITABLE' });
  });
});
