import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, statSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, realpath, rename, rm, stat, symlink, truncate, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CodedError, type Folders, type RunningSource, type SegmentOffer } from 'vedette/plugin';
import { FakeSourceContext } from 'vedette/testing';
import { until } from '../../../test/support/until.js';
import { folderConfigSchema, type FolderConfigInput } from './config.js';
import { FolderSource } from './folder-source.js';

const OPEN: Folders = { resolve: (path) => realpath(path) };
const at = (seconds: number) => new Date(Date.UTC(2026, 10, 28, 5, 0, seconds));

describe(FolderSource, () => {
  let folder: string;
  let context: FakeSourceContext;
  let running: RunningSource | undefined;
  beforeEach(async () => {
    folder = await realpath(await mkdtemp(join(tmpdir(), 'vd-folder-')));
    context = new FakeSourceContext();
    // As core does: what is taken is known from then on.
    context.answer = ({ path, number }) => {
      const { size: sizeBytes, mtimeMs } = statSync(path);
      context.taken.push({ name: path.slice(path.lastIndexOf('/') + 1), sizeBytes, mtimeMs, ...(number !== undefined && { number }) });
      return { kind: 'taken', endPtsUs: 0 };
    };
  });
  afterEach(async () => {
    await running?.stop('test');
    running = undefined;
    await rm(folder, { recursive: true, force: true });
  });

  const start = async (config: Omit<FolderConfigInput, 'path'> = {}): Promise<void> => {
    const source = new FolderSource(OPEN, () => Date.now(), 20);
    running = await source.open(folderConfigSchema.parse({ path: folder, ...config }), context, new AbortController().signal);
  };
  /** The n-th file was written in second n. */
  const put = async (name: string, n: number): Promise<void> => {
    await writeFile(join(folder, name), 'x');
    await utimes(join(folder, name), at(n), at(n));
  };
  const list = async (file: string, first: number, lines: readonly string[], end = ''): Promise<void> => {
    const entries = lines.map((line) => (line.startsWith('#') ? line : `#EXTINF:1.000,\n${line}`));
    const text = ['#EXTM3U', `#EXT-X-MEDIA-SEQUENCE:${first}`, '#EXT-X-TARGETDURATION:1', ...entries, end].join('\n');
    await writeFile(join(folder, `${file}.bak`), text.endsWith('\n') ? text : `${text}\n`);
    await rename(join(folder, `${file}.bak`), join(folder, file));
  };
  const offers = (): SegmentOffer[] => context.epochs.flatMap((epoch) => epoch.offers);
  const names = (): string[] => offers().map(({ path }) => path.slice(folder.length + 1));
  const told = (code: string) => until(code, () => context.reported.find(({ detail }) => detail?.includes(code)));

  it('waits for a stream that is not there, and says so once', async () => {
    await start({ name: 'cam' });
    await until('a word', () => context.reported.length > 0);
    expect(context.reported).toEqual([{ state: 'pending', detail: `Waiting for new segments of "cam" in ${folder}` }]);
    expect(context.epochs).toEqual([]);
  });

  it('takes what the playlist names, oldest first, and begins where the first was written', async () => {
    await Promise.all([put('cam-7.ts', 7), put('cam-8.ts', 8), put('cam-9.ts', 9)]);
    await list('cam.m3u8', 7, ['cam-7.ts', 'cam-8.ts']);
    await start({ name: 'cam' });
    await until('two', () => offers().length === 2);
    await list('cam.m3u8', 8, ['cam-8.ts', 'cam-9.ts']);
    await until('the third', () => offers().length === 3);
    expect(names()).toEqual(['cam-7.ts', 'cam-8.ts', 'cam-9.ts']);
    expect(offers()[0]).toMatchObject({ number: 7, durationUs: 1_000_000, missingBefore: 0, isComplete: true, isWrittenOnce: false });
    expect(context.epochs).toMatchObject([{ opening: { startedAtMs: at(6).getTime(), input: { kind: 'segments', container: 'mpegts' } } }]);
  });

  it('finds a nested stream, and the best of several variants', async () => {
    await mkdir(join(folder, 'cam_hi'));
    await put('cam_hi/0.ts', 0);
    await list('cam_hi/index.m3u8', 0, ['0.ts']);
    await list('cam.m3u8', 0, ['#EXT-X-STREAM-INF:BANDWIDTH=1\ncam_low/index.m3u8\n#EXT-X-STREAM-INF:BANDWIDTH=9\ncam_hi/index.m3u8']);
    await start({ name: 'cam' });
    await until('one', () => offers().length === 1);
    expect(names()).toEqual(['cam_hi/0.ts']);
  });

  it('goes on after what an earlier run took, and brings what the playlist has forgotten since from the folder', async () => {
    context.taken.push({ name: 'cam-3.ts', sizeBytes: 1, mtimeMs: at(3).getTime(), number: 3 });
    await Promise.all([2, 3, 5, 6, 7].map((n) => put(`cam-${n}.ts`, n)));
    await list('cam.m3u8', 6, ['cam-6.ts', 'cam-7.ts']);
    await start({ name: 'cam' });
    await until('three', () => offers().length === 3);
    expect(names()).toEqual(['cam-5.ts', 'cam-6.ts', 'cam-7.ts']);
    expect(offers().map(({ missingBefore }) => missingBefore)).toEqual([1, 0, 0]);
  });

  it('takes older files where it is asked to', async () => {
    await Promise.all([0, 1, 2].map((n) => put(`cam-${n}.ts`, n)));
    await list('cam.m3u8', 2, ['cam-2.ts']);
    await start({ name: 'cam', older: 'take' });
    await until('three', () => offers().length === 3);
    expect(names()).toEqual(['cam-0.ts', 'cam-1.ts', 'cam-2.ts']);
  });

  it('counts what is gone before it was seen, and no number that a clock has skipped', async () => {
    await Promise.all([put('cam-1.ts', 1), put('cam-3.ts', 3)]);
    await list('cam.m3u8', 1, ['cam-1.ts', 'cam-2.ts', 'cam-3.ts']);
    await start({ name: 'cam' });
    await until('two', () => offers().length === 2);
    expect(offers().map(({ missingBefore }) => missingBefore)).toEqual([0, 1]);
    await put('cam-9000.ts', 5);
    await list('cam.m3u8', 9000, ['cam-9000.ts']);
    await until('the third', () => offers().length === 3);
    // Between the seconds 3 and 5 there was time for one.
    expect(offers()[2]!.missingBefore).toBe(1);
  });

  it('begins an epoch at a discontinuity, where segments do not fit, and where numbers begin anew', async () => {
    await Promise.all([0, 1, 2, 3].map((n) => put(`cam-${n}.ts`, n)));
    const { answer } = context;
    const refused = new Set<string>();
    context.answer = (offer) => {
      if (!offer.path.endsWith('cam-3.ts') || refused.has(offer.path)) return answer(offer);
      refused.add(offer.path);
      return { kind: 'elsewhere', why: 'format-changed' };
    };
    await list('cam.m3u8', 0, ['cam-0.ts', '#EXT-X-DISCONTINUITY', 'cam-1.ts', 'cam-2.ts', 'cam-3.ts']);
    await start({ name: 'cam' });
    await until('all', () => context.taken.length === 4);
    await put('cam-new-0.ts', 9);
    await list('cam.m3u8', 0, ['cam-new-0.ts']);
    await until('the next', () => context.taken.length === 5);
    expect(context.epochs.map(({ endReason }) => endReason)).toEqual(['discontinuity', 'format-changed', 'numbering-restarted', undefined]);
  });

  it('ends the epoch when the playlist has ended, and when nothing comes any more', async () => {
    await put('cam-0.ts', 0);
    await list('cam.m3u8', 0, ['cam-0.ts'], '#EXT-X-ENDLIST');
    await start({ name: 'cam', silenceTimeout: '1s' });
    await until('the end', () => context.epochs[0]?.endReason === 'publisher-ended');
    await put('cam-1.ts', 1);
    await list('cam.m3u8', 0, ['cam-0.ts', 'cam-1.ts']);
    await until('silence', () => context.epochs[1]?.endReason === 'publisher-gone');
    expect(context.reported.at(-1)).toMatchObject({ state: 'pending' });
  });

  it('waits with a segment that is being written to, in its place', async () => {
    await Promise.all([put('cam-0.ts', 0), put('cam-1.ts', 1)]);
    const { answer } = context;
    let asked = 0;
    context.answer = (offer) => (++asked < 3 ? { kind: 'unfinished', why: 'it is being written to' } : answer(offer));
    await list('cam.m3u8', 0, ['cam-0.ts', 'cam-1.ts']);
    await start({ name: 'cam' });
    await until('both', () => context.taken.length === 2);
    expect(names()).toEqual(['cam-0.ts', 'cam-0.ts', 'cam-0.ts', 'cam-1.ts']);
    expect(offers().at(-1)!.missingBefore).toBe(0);
  });

  it('deletes what is stored where it is asked to, and nothing else', async () => {
    await Promise.all([put('cam-0.ts', 0), put('cam-1.ts', 1), put('other-0.ts', 0)]);
    await list('cam.m3u8', 0, ['cam-0.ts']);
    await start({ name: 'cam', onFinished: 'delete' });
    await until('it to go', () => !existsSync(join(folder, 'cam-0.ts')));
    expect(offers()[0]).toMatchObject({ isWrittenOnce: true });
    expect([existsSync(join(folder, 'cam-1.ts')), existsSync(join(folder, 'other-0.ts'))]).toEqual([true, true]);
  });

  it('goes by the playlist once there is one', async () => {
    const nowMs = Date.now();
    for (const [i, name] of ['0.ts', '1.ts', '2.ts'].entries()) {
      await put(name, 0);
      await utimes(join(folder, name), new Date(nowMs - 5000 + i), new Date(nowMs - 5000 + i));
    }
    await start();
    await until('those that are followed by another', () => offers().length === 2);
    await list('index.m3u8', 0, ['0.ts', '1.ts', '2.ts']);
    await until('the last', () => offers().length === 3);
    expect(names()).toEqual(['0.ts', '1.ts', '2.ts']);
    expect(offers().at(-1)).toMatchObject({ number: 2, isComplete: true });
  });

  it('says that a file cannot be deleted, and goes on', async () => {
    await Promise.all([put('cam-0.ts', 0), put('cam-1.ts', 1)]);
    const { answer } = context;
    context.answer = (offer) => {
      const answered = answer(offer);
      if (offer.path.endsWith('cam-0.ts')) {
        // What root cannot delete either, as a file.
        rmSync(offer.path);
        mkdirSync(offer.path);
      }
      return answered;
    };
    await list('cam.m3u8', 0, ['cam-0.ts', 'cam-1.ts']);
    await start({ name: 'cam', onFinished: 'delete' });
    await told('VD_FOLDER_NOT_DELETED');
    await until('the next', () => !existsSync(join(folder, 'cam-1.ts')));
  });

  it('takes files without a playlist once another follows or they rest, and none that was written long before', async () => {
    const nowS = Date.now() / 1000;
    for (const [i, name] of ['old.ts', '1.ts', '2.ts'].entries()) {
      await put(name, 0);
      const writtenS = [nowS - 3600, nowS - 2, nowS - 1][i]!;
      await utimes(join(folder, name), writtenS, writtenS);
    }
    await writeFile(join(folder, 'notes.txt'), 'x');
    await start({ layout: 'plain' });
    await until('both', () => offers().length === 2);
    expect(names()).toEqual(['1.ts', '2.ts']);
    expect(offers().map(({ isComplete }) => isComplete)).toEqual([true, false]);
  });

  it('does not take once more what grew after its writer called it complete', async () => {
    await put('cam-0.ts', 0);
    await list('cam.m3u8', 0, ['cam-0.ts']);
    await start({ name: 'cam' });
    await until('it', () => offers().length === 1);
    await writeFile(join(folder, 'cam-0.ts'), 'xx');
    await utimes(join(folder, 'cam-0.ts'), at(1), at(1));
    await put('cam-1.ts', 2);
    await list('cam.m3u8', 0, ['cam-0.ts', 'cam-1.ts']);
    await until('the next', () => offers().length === 2);
    expect(names()).toEqual(['cam-0.ts', 'cam-1.ts']);
    expect(context.epochs).toHaveLength(1);
    await told('VD_FOLDER_SEGMENT_CHANGED');
  });

  it('finds a stream by whatever name its publisher chose', async () => {
    const name = `a b%'"$(é)`;
    await put(`${name}-0.ts`, 0);
    await list(`${name}.m3u8`, 0, [`${encodeURIComponent(name)}-0.ts`]);
    await start({ name });
    await until('it', () => offers().length === 1);
    expect(names()).toEqual([`${name}-0.ts`]);
  });

  it('names what is no plain file among the segments, and takes the rest', async () => {
    await put('cam-3.ts', 3);
    await symlink('/etc/passwd', join(folder, 'cam-0.ts'));
    execFileSync('mkfifo', [join(folder, 'cam-1.ts')]);
    await mkdir(join(folder, 'cam-2.ts'));
    await list('cam.m3u8', 0, ['cam-0.ts', 'cam-1.ts', 'cam-2.ts', 'cam-3.ts']);
    await start({ name: 'cam' });
    await told('VD_FOLDER_NOT_A_FILE');
    await until('the last', () => offers().length === 1);
    expect(offers()[0]).toMatchObject({ number: 3, missingBefore: 3 });
  });

  describe('as a user who is not root', () => {
    beforeEach(() => chmod(folder, 0o755));
    afterEach(() => void process.seteuid?.(0));

    // Root may read everything.
    const NOBODY = 65_534;
    const isRoot = process.getuid?.() === 0;

    it.skipIf(!isRoot)('says that a segment may not be read', async () => {
      await put('cam-0.ts', 0);
      await chmod(join(folder, 'cam-0.ts'), 0o600);
      await list('cam.m3u8', 0, ['cam-0.ts']);
      process.seteuid!(NOBODY);
      await start({ name: 'cam' });
      await told('VD_FOLDER_SEGMENT_DENIED');
      expect(context.epochs).toEqual([]);
    });

    it.skipIf(!isRoot)('says that a folder may be listed and not entered, as nginx-rtmp makes them', async () => {
      await mkdir(join(folder, 'cam'));
      await put('cam/0.ts', 0);
      await list('cam/index.m3u8', 0, ['0.ts']);
      await chmod(join(folder, 'cam'), 0o744);
      process.seteuid!(NOBODY);
      await start({ name: 'cam' });
      const { detail } = await told('VD_FOLDER_PLAYLIST_UNREADABLE');
      expect(detail).toContain('EACCES');
    });
  });

  it('says what is wrong with a playlist, waits for none, and goes on when it is mended', async () => {
    await put('cam-0.ts', 0);
    execFileSync('mkfifo', [join(folder, 'cam.m3u8')]);
    await start({ name: 'cam' });
    await told('VD_FOLDER_PLAYLIST_UNREADABLE');
    // In its place at once: a folder without a playlist would be told of, too.
    const [next, playlist] = [join(folder, 'next'), join(folder, 'cam.m3u8')];
    await writeFile(next, '');
    await truncate(next, 100 * 1024 ** 2);
    await rename(next, playlist);
    await told('has 104857600 bytes');
    await symlink('/etc/passwd', next);
    await rename(next, playlist);
    await told('ELOOP');
    await writeFile(next, '#EXTM3U\n#EXT-X-KEY:METHOD=AES-128,URI="k"\n');
    await rename(next, playlist);
    await told('VD_FOLDER_ENCRYPTED');
    // Each once, and nothing in between that would hide it.
    expect(context.reported.map(({ state, detail = '' }) => `${state} ${detail.slice(0, 29)}`)).toEqual([
      ...Array.from({ length: 3 }, () => 'retrying VD_FOLDER_PLAYLIST_UNREADABLE'),
      'retrying VD_FOLDER_ENCRYPTED: its segm',
    ]);
    await list('cam.m3u8', 0, ['cam-0.ts']);
    await until('the segment', () => offers().length === 1);
    expect(context.epochs).toHaveLength(1);
  });

  it('asks which stream is meant where there are several', async () => {
    await list('a.m3u8', 0, []);
    await list('b.m3u8', 0, []);
    await start();
    const { detail } = await told('VD_FOLDER_AMBIGUOUS');
    expect(detail).toContain('2 playlists: a, b');
  });

  it('breaks off with what core says, for core to start it again', async () => {
    await put('cam-0.ts', 0);
    await list('cam.m3u8', 0, ['cam-0.ts']);
    const full = new CodedError('VD_INGEST_DISK_FULL', 'no room');
    context.openEpoch = () => Promise.reject(full);
    await start({ name: 'cam' });
    expect(await running!.done).toEqual({ reason: 'source-failed', error: full });
  });

  it('leaves the files as they were', async () => {
    await put('cam-0.ts', 5);
    await list('cam.m3u8', 0, ['cam-0.ts']);
    await start({ name: 'cam' });
    await until('it', () => offers().length === 1);
    expect((await stat(join(folder, 'cam-0.ts'))).mtimeMs).toBe(at(5).getTime());
  });
});
