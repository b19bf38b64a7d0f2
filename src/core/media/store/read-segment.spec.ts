import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { execFileSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readSegment } from './read-segment.js';

describe(readSegment.name, () => {
  let folder: string;
  let media: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vedette-segment-file-'));
    media = join(folder, 'media');
    await mkdir(join(media, 's', 'e'), { recursive: true });
    await mkdir(join(folder, 'elsewhere'));
    await writeFile(join(media, 's', 'e', '000000.ts'), 'segment');
    await writeFile(join(folder, 'elsewhere', 'secret.ts'), 'secret');
    await symlink(join(folder, 'elsewhere', 'secret.ts'), join(media, 's', 'e', 'link.ts'));
    await symlink(join(folder, 'elsewhere'), join(media, 's', 'linked'));
    execFileSync('mkfifo', [join(media, 's', 'e', 'pipe.ts')]);
  });

  afterAll(() => rm(folder, { recursive: true }));

  it('reads a file below the media folder', async () => {
    expect((await readSegment(media, 's/e/000000.ts')).toString()).toBe('segment');
  });

  it('reads it where the media folder itself is reached by a link', async () => {
    await symlink(media, join(folder, 'media-link'));
    expect((await readSegment(join(folder, 'media-link'), 's/e/000000.ts')).toString()).toBe('segment');
  });

  it.each([
    '../elsewhere/secret.ts',
    's/e/../../../elsewhere/secret.ts',
    's/e/link.ts',
    's/linked/secret.ts',
    's/e',
    's/e/pipe.ts',
    '',
    '.',
    '..',
  ])('refuses %j', async (path) => {
    await expect(readSegment(media, path)).rejects.toMatchObject({ code: 'VD_ANALYSIS_PATH', retryable: false });
  });

  it('refuses an absolute path', async () => {
    await expect(readSegment(media, join(media, 's/e/000000.ts'))).rejects.toMatchObject({ code: 'VD_ANALYSIS_PATH' });
  });

  it('says that a file is not there, and that it may come back', async () => {
    await expect(readSegment(media, 's/e/000001.ts')).rejects.toMatchObject({ code: 'VD_ANALYSIS_READ_FAILED', retryable: true });
  });
});
