import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ingestIdentity, knownIdentity } from './media-folder-identity.js';

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

  it('is one for all who ask at the same time, in a folder that has none yet', async () => {
    for (let i = 0; i < 10; i++) {
      const media = join(folder, `media-${i}`);
      const ids = await Promise.all(Array.from({ length: 10 }, () => ingestIdentity(media)));
      expect(new Set(ids)).toEqual(new Set([(await readFile(join(media, '.ingest-id'), 'utf8')).trim()]));
    }
  });

  it.each([
    ['emptied', () => ''],
    ['cut in half', (text: string) => text.slice(0, text.length / 2)],
    ['filled with zeros', (text: string) => '\0'.repeat(text.length)],
  ])('is the same after a power cut left its file %s: the ledger knows the recordings by it', async (_, damage) => {
    const id = await ingestIdentity(folder);
    const path = join(folder, '.ingest-id');
    await writeFile(path, damage(await readFile(path, 'utf8')));
    expect(await Promise.all([ingestIdentity(folder), ingestIdentity(folder)])).toEqual([id, id]);
    expect((await readFile(path, 'utf8')).trim()).toBe(id);
  });

  it('is a new one after the file was deleted, which is how a copied folder becomes another node', async () => {
    const id = await ingestIdentity(folder);
    await rm(join(folder, '.ingest-id'));
    const another = await ingestIdentity(folder);
    expect(another).not.toBe(id);
    await writeFile(join(folder, '.ingest-id'), '');
    expect(await ingestIdentity(folder)).toBe(another);
  });

  it('takes the place of a damaged one, and of none that only cannot be read', async () => {
    const path = join(folder, '.ingest-id');
    await writeFile(path, 'nonsense');
    const id = await ingestIdentity(folder);
    expect(await ingestIdentity(folder)).toBe(id);
    await rm(path);
    await mkdir(path);
    await expect(ingestIdentity(folder)).rejects.toMatchObject({ code: 'VD_INGEST_MEDIA_UNWRITABLE' });
    expect(await knownIdentity(folder)).toBeNull();
  });
});
