import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AllowedFolders } from './allowed-folders.js';

describe(AllowedFolders, () => {
  let root: string;
  beforeEach(async () => {
    root = await realpath(await mkdtemp(join(tmpdir(), 'vd-folders-')));
    await mkdir(join(root, 'hls', 'cam'), { recursive: true });
    await mkdir(join(root, 'hls-private'));
    await writeFile(join(root, 'hls', 'file'), '');
    await symlink(join(root, 'hls-private'), join(root, 'hls', 'out'));
    await symlink(join(root, 'hls'), join(root, 'link'));
  });
  afterEach(() => rm(root, { recursive: true, force: true }));

  it('gives a folder of the list, and those below it, without links', async () => {
    const folders = new AllowedFolders(['hls', join(root, 'link')], root);
    await expect(folders.resolve(join(root, 'hls'))).resolves.toBe(join(root, 'hls'));
    await expect(folders.resolve(join(root, 'hls', 'cam'))).resolves.toBe(join(root, 'hls', 'cam'));
    await expect(folders.resolve(join(root, 'link', 'cam'))).resolves.toBe(join(root, 'hls', 'cam'));
  });

  it.each(['hls-private', 'hls/../hls-private', 'hls/out', '..', 'none'])('refuses %s', async (path) => {
    const folders = new AllowedFolders(['hls'], root);
    await expect(folders.resolve(`${root}/${path}`)).rejects.toMatchObject({ code: 'VD_INGEST_FOLDER_REFUSED' });
  });

  it('refuses everything where nothing is allowed, and says what to write', async () => {
    const refusal = new AllowedFolders([], root).resolve('/etc');
    await expect(refusal).rejects.toMatchObject({ code: 'VD_INGEST_FOLDER_REFUSED', fix: expect.stringContaining('folders: ["/etc"]') });
    await expect(new AllowedFolders(['hls'], root).resolve('hls')).rejects.toMatchObject({ code: 'VD_INGEST_FOLDER_REFUSED' });
  });

  it.each(['hls/none', 'hls/file'])('says that %s cannot be looked into', async (path) => {
    const refusal = new AllowedFolders(['hls'], root).resolve(join(root, path));
    await expect(refusal).rejects.toMatchObject({ code: 'VD_INGEST_FOLDER_MISSING', retryable: true });
  });
});
