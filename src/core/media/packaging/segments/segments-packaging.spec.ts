import { execFileSync } from 'node:child_process';
import { appendFile, link, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SilentLogger } from '../../../../../test/support/fakes/silent-logger.js';
import { slice, transportStream } from '../../../../../test/support/media/transport-stream.js';
import type { SegmentOffer } from '../../../plugin-api/index.js';
import { checksumOf } from '../../checksum.js';
import type { FoundSegment } from '../../watcher/segment-reader.js';
import { SegmentsPackaging } from './segments-packaging.js';
import { TakenJournal } from './taken-journal.js';

const FRAME_TICKS = 3600;
const IDR = 5;
const P = 1;

/** One second of 25 pictures from a time on. */
function segment(startS: number, size = 40): Buffer {
  return transportStream(
    Array.from({ length: 25 }, (_, i) => ({
      ptsTicks: startS * 90_000 + i * FRAME_TICKS,
      data: slice(i === 0 ? IDR : P, size),
      randomAccess: i === 0,
    })),
  );
}

describe(SegmentsPackaging, () => {
  let root: string;
  let foreign: string;
  let journal: TakenJournal;
  let found: { readonly segment: FoundSegment; readonly durationUs: number | undefined }[];
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'vd-segments-'));
    foreign = join(root, 'foreign');
    await Promise.all([mkdir(foreign), mkdir(join(root, 'media', 'stream', 'epoch-1'), { recursive: true })]);
    journal = await load();
    found = [];
  });
  afterEach(() => rm(root, { recursive: true, force: true }));

  const load = () => TakenJournal.load(join(root, 'media'), 'stream', false);
  const begin = (epoch = 'epoch-1'): SegmentsPackaging =>
    new SegmentsPackaging({
      directory: join(root, 'media', 'stream', epoch),
      ...{ container: 'mpegts', isSynced: false, logger: new SilentLogger(), taken: journal, startedAtMs: 1_000_000 },
      found: (one, durationUs) => found.push({ segment: one, durationUs }),
    });
  const put = async (name: string, bytes: Buffer): Promise<SegmentOffer> => {
    await writeFile(join(foreign, name), bytes);
    return { path: join(foreign, name), isComplete: true, isWrittenOnce: false };
  };
  const stored = (name: string, epoch = 'epoch-1') => readFile(join(root, 'media', 'stream', epoch, name));

  it('stores what it read under its own names, and tells of what it found in it', async () => {
    const packaging = begin();
    const offer = await put('cam-7.ts', segment(10));
    expect(await packaging.takeSegment({ ...offer, durationUs: 1_000_000 })).toEqual({ kind: 'taken', endPtsUs: 11_000_000 });
    expect(await packaging.takeSegment(await put('cam-8.ts', segment(11)))).toMatchObject({ kind: 'taken' });
    expect(await stored('000000.ts')).toEqual(segment(10));
    expect(await stored('000001.ts')).toEqual(segment(11));
    expect(found).toMatchObject([
      { durationUs: 1_000_000, segment: { sequence: 0, reading: { facts: { frameCount: 25, ptsStartUs: 10_000_000 } } } },
      { durationUs: undefined, segment: { sequence: 1, name: '000001.ts', reading: { checksum: checksumOf(segment(11)) } } },
    ]);
    await packaging.flowing;
    await packaging.end();
    expect(await packaging.done).toEqual({ reason: 'ended' });
    expect(await packaging.takeSegment(await put('cam-9.ts', segment(12)))).toEqual({ kind: 'ended' });
  });

  it('shares a file that is written once, and keeps apart what its writer may write into', async () => {
    const packaging = begin();
    const [shared, copied] = [await put('a.ts', segment(10)), await put('b.ts', segment(11))];
    await packaging.takeSegment({ ...shared, isWrittenOnce: true });
    await packaging.takeSegment(copied);
    expect((await stat(shared.path)).nlink).toBe(2);
    expect((await stat(copied.path)).nlink).toBe(1);
    await truncate(copied.path, 0);
    await rm(shared.path);
    expect(await stored('000000.ts')).toEqual(segment(10));
    expect(await stored('000001.ts')).toEqual(segment(11));
  });

  it('takes no file twice, in this life and in the next, and one that is written anew as another', async () => {
    const offer = await put('cam-0.ts', segment(10));
    const first = begin();
    await first.takeSegment(offer);
    expect(await first.takeSegment(offer)).toEqual({ kind: 'known' });
    journal = await load();
    expect(await begin('epoch-2').takeSegment(offer)).toEqual({ kind: 'known' });
    await put('cam-0.ts', segment(0, 50));
    expect(await begin('epoch-2').takeSegment(offer)).toMatchObject({ kind: 'taken' });
    expect(await stored('000000.ts', 'epoch-2')).toEqual(segment(0, 50));
  });

  it('takes again what a life that died had written down and not stored', async () => {
    const offer = await put('cam-0.ts', segment(10));
    await begin().takeSegment(offer);
    await rm(join(root, 'media', 'stream', 'epoch-1', '000000.ts'));
    journal = await load();
    expect(await begin('epoch-2').takeSegment(offer)).toMatchObject({ kind: 'taken' });
  });

  it('sends what does not continue the epoch elsewhere, untouched', async () => {
    const packaging = begin();
    await packaging.takeSegment(await put('0.ts', segment(100)));
    for (const startS of [0, 99, 100, 130]) {
      const offer = await put('1.ts', segment(startS, 44));
      expect(await packaging.takeSegment(offer), `from ${startS} s`).toEqual({ kind: 'elsewhere', why: 'clock-jump' });
    }
    // Nine seconds are a gap, and more when segments are known to be missing.
    expect(await packaging.takeSegment(await put('2.ts', segment(110)))).toMatchObject({ kind: 'taken' });
    expect(await packaging.takeSegment({ ...(await put('3.ts', segment(130))), missingBefore: 19 })).toMatchObject({ kind: 'taken' });
    expect(found.map(({ segment: { sequence } }) => sequence)).toEqual([0, 1, 21]);
    expect(await readdir(join(root, 'media', 'stream', 'epoch-1'))).toEqual(['000000.ts', '000001.ts', '000021.ts']);
  });

  it('goes on counting where a clock of 33 bits begins anew', async () => {
    const packaging = begin();
    const lastS = 2 ** 33 / 90_000 - 1;
    await packaging.takeSegment(await put('0.ts', transportStream([{ ptsTicks: 2 ** 33 - 90_000, data: slice(IDR) }])));
    const [after] = [await put('1.ts', segment(0))];
    expect(await packaging.takeSegment(after)).toMatchObject({ kind: 'taken', endPtsUs: Math.round((lastS + 2) * 1_000_000) });
  });

  it('keeps what its writer calls complete and cannot be read, and waits with what it does not', async () => {
    const packaging = begin();
    const offer = await put('0.ts', Buffer.from('no media'));
    expect(await packaging.takeSegment({ ...offer, isComplete: false })).toMatchObject({ kind: 'unfinished' });
    expect(await packaging.takeSegment(offer)).toMatchObject({
      kind: 'taken',
      endPtsUs: null,
      unreadable: { code: 'VD_MEDIA_NOT_MPEGTS' },
    });
    expect(found).toMatchObject([{ segment: { reading: { unreadable: { code: 'VD_MEDIA_NOT_MPEGTS' }, sizeBytes: 8 } } }]);
    expect(await stored('000000.ts')).toEqual(Buffer.from('no media'));
  });

  it('refuses links, pipes, folders and files without measure, and waits for none', async () => {
    const packaging = begin();
    const secret = join(root, 'secret.ts');
    await writeFile(secret, segment(10));
    await symlink(secret, join(foreign, 'link.ts'));
    await mkdir(join(foreign, 'folder.ts'));
    execFileSync('mkfifo', [join(foreign, 'pipe.ts')]);
    await truncate((await put('huge.ts', Buffer.alloc(0))).path, 10 * 1024 ** 3);
    const answer = (name: string) => packaging.takeSegment({ path: join(foreign, name), isComplete: true, isWrittenOnce: true });
    expect(await answer('link.ts')).toMatchObject({ kind: 'refused', error: { code: 'VD_MEDIA_SEGMENT_REFUSED' } });
    expect(await answer('folder.ts')).toMatchObject({ kind: 'refused', error: { code: 'VD_MEDIA_SEGMENT_REFUSED' } });
    expect(await answer('pipe.ts')).toMatchObject({ kind: 'refused', error: { code: 'VD_MEDIA_SEGMENT_REFUSED' } });
    expect(await answer('huge.ts')).toMatchObject({ kind: 'refused', error: { code: 'VD_MEDIA_TOO_LARGE' } });
    expect(await answer('none.ts')).toEqual({ kind: 'gone' });
    expect(found).toEqual([]);
    expect(journal.last).toBeUndefined();
  });

  it('says what the disk says, and takes the segment when it is offered again', async () => {
    const packaging = begin();
    const offer = await put('0.ts', segment(10));
    // In the way of the copy: a folder.
    await mkdir(journal.draftPath);
    await expect(packaging.takeSegment(offer)).rejects.toMatchObject({ code: 'EISDIR' });
    await rm(journal.draftPath, { recursive: true });
    expect(await packaging.takeSegment(offer)).toMatchObject({ kind: 'taken' });
    expect(found.map(({ segment: { sequence } }) => sequence)).toEqual([0]);
  });

  it('makes the folder of the epoch anew where somebody removed it', async () => {
    const packaging = begin();
    await rm(join(root, 'media', 'stream'), { recursive: true });
    expect(await packaging.takeSegment({ ...(await put('0.ts', segment(10))), isWrittenOnce: true })).toMatchObject({ kind: 'taken' });
    expect(await stored('000000.ts')).toEqual(segment(10));
  });

  it('remembers through a line that a dying process left unfinished', async () => {
    const offer = await put('0.ts', segment(10));
    await begin().takeSegment(offer);
    await appendFile(join(root, 'media', '.taken', 'stream'), '["1.ts",17');
    journal = await load();
    expect(journal.last).toMatchObject({ name: '0.ts', sizeBytes: segment(10).length });
    expect(await begin('epoch-2').takeSegment(offer)).toEqual({ kind: 'known' });
  });

  it('forgets streams that are gone, and no others', async () => {
    await begin().takeSegment(await put('0.ts', segment(10)));
    await link(join(root, 'media', '.taken', 'stream'), join(root, 'media', '.taken', 'gone'));
    await TakenJournal.sweep(join(root, 'media'), new Set(['stream']));
    expect(await readdir(join(root, 'media', '.taken'))).toEqual(['stream']);
  });
});
