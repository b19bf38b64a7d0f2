import { mkdir, mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { slice, transportStream } from '../../../../test/support/media/transport-stream.js';
import { readSegment } from './segment-reader.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vd-reader-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('readSegment', () => {
  it('reads what is there, its clock counted on from the segment before', async () => {
    await writeFile(join(folder, '000000.ts'), transportStream([{ ptsTicks: 90, data: slice(0x65) }]));
    expect(await readSegment(folder, '000000.ts', undefined)).toMatchObject({ facts: { ptsStartUs: 1000, frameCount: 1 } });
    const afterWrapUs = Math.round((2 ** 33 / 90) * 1000);
    expect(await readSegment(folder, '000000.ts', afterWrapUs)).toMatchObject({ facts: { ptsStartUs: afterWrapUs + 1000 } });
  });

  it('says that a file is not there', async () => {
    expect(await readSegment(folder, '000000.ts', undefined)).toBeNull();
  });

  it('does not take a file into memory that is far too large', async () => {
    const file = await open(join(folder, '000000.ts'), 'w');
    await file.truncate(300 * 1024 ** 2);
    await file.close();
    expect(await readSegment(folder, '000000.ts', undefined)).toMatchObject({
      unreadable: { code: 'VD_MEDIA_TOO_LARGE' },
      sizeBytes: 300 * 1024 ** 2,
    });
  });

  it('says why a file cannot be read', async () => {
    await mkdir(join(folder, '000000.ts'));
    expect(await readSegment(folder, '000000.ts', undefined)).toMatchObject({ unreadable: { code: 'VD_MEDIA_FILE_UNREADABLE' } });
  });
});
