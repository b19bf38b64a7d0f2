import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FakeIngestLedger, type FakeEpoch } from '../../../../test/support/fakes/fake-ingest-ledger.js';
import { FakeJobBell } from '../../../../test/support/fakes/fake-job-bell.js';
import { SilentLogger } from '../../../../test/support/fakes/silent-logger.js';
import { slice, transportStream } from '../../../../test/support/media/transport-stream.js';
import { until } from '../../../../test/support/until.js';
import type { StreamAssignment } from '../../plugin-host/stream-assignments.js';
import { EpochFolder, PLAYLIST_NAME } from '../epoch-folder.js';
import { segmentFileName } from '../segment-name.js';
import type { PackagedLoss, PackagedSegment } from '../packaging/packager.js';
import { EpochWatcher, type WatchedEpoch } from './epoch-watcher.js';
import { readSegment, type FoundSegment } from './segment-reader.js';

const STARTED_AT_MS = 1_700_000_000_000;
const SEGMENT_TICKS = 180_000; // 2 s
const FRAME_TICKS = 18_000; // 5 frames a second
const IDR = 0x65;
const P = 0x41;
const LOOK: StreamAssignment = { queue: 'default', analyzerId: 'look', analyzerVersion: '1.0.0', configHash: 'h' };

/** Two seconds of pictures, where the sequence has its place on the media clock. */
const media = (sequence: number): Buffer =>
  transportStream(
    Array.from({ length: SEGMENT_TICKS / FRAME_TICKS }, (_, i) => ({
      ptsTicks: sequence * SEGMENT_TICKS + i * FRAME_TICKS,
      data: slice(i === 0 ? IDR : P),
      randomAccess: i === 0,
    })),
  );

describe(EpochWatcher.name, () => {
  let folder: string;
  let files: EpochFolder;
  let ledger: FakeIngestLedger;
  let bell: FakeJobBell;
  let logger: SilentLogger;
  let watchers: EpochWatcher[];
  let epoch: WatchedEpoch;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vedette-watcher-'));
    const [streamId, epochId] = [randomUUID(), randomUUID()];
    files = new EpochFolder(folder, streamId, epochId);
    await files.create({ streamId, epochId, startedAtMs: STARTED_AT_MS });
    ledger = new FakeIngestLedger();
    bell = new FakeJobBell();
    logger = new SilentLogger();
    watchers = [];
    epoch = { epochId, streamId, startedAtMs: STARTED_AT_MS, folder: files, analyzers: () => [LOOK] };
  });
  afterEach(async () => {
    await Promise.all(watchers.map((watcher) => watcher.stop()));
    await rm(folder, { recursive: true });
    expect(ledger.repeatedRegistrations).toBe(0);
  });

  const watcher = (over: Partial<WatchedEpoch> = {}, after?: Promise<void>): EpochWatcher => {
    const made = new EpochWatcher({ ...epoch, ...over }, { ledger, bell, logger, ingestId: 'node' }, after);
    watchers.push(made);
    return made;
  };
  const write = (name: string, bytes: Buffer | string): Promise<void> => writeFile(join(files.path, name), bytes);
  const writeSegments = async (...sequences: number[]): Promise<void> => {
    for (const sequence of sequences) await write(segmentFileName(sequence), media(sequence));
  };
  const list = (...sequences: number[]): Promise<void> =>
    files.writePlaylist(
      ['#EXTM3U', '#EXT-X-TARGETDURATION:2', ...sequences.flatMap((sequence) => ['#EXTINF:2.000000,', segmentFileName(sequence)]), ''].join(
        '\n',
      ),
    );
  const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i);
  const known = (): FakeEpoch => ledger.epochs.get(epoch.epochId)!;
  const sequences = (): number[] => ledger.epochs.get(epoch.epochId)?.segments.map(({ sequence }) => sequence) ?? [];
  const registered = (...wanted: number[]): Promise<unknown> =>
    until(`the segments ${wanted.join()}`, () => sequences().length >= wanted.length).then(() => expect(sequences()).toEqual(wanted));
  const warnings = (): string[] => logger.lines.filter(({ level }) => level === 'warn').map(({ message }) => message);

  describe('while the epoch goes on', () => {
    it('registers what the playlist names, and no file that is only there', async () => {
      await writeSegments(0, 1, 2);
      await list(0, 1);
      const seen: number[] = [];
      watcher({ registered: ({ sequence }) => seen.push(sequence) }).start();
      await registered(0, 1);
      expect(seen).toEqual([0, 1]);
      expect(bell.rung.map(({ sequence, queue }) => [sequence, queue])).toEqual([
        [0, 'default'],
        [1, 'default'],
      ]);
      expect(known()).toMatchObject({
        ingestId: 'node',
        startedAtMs: STARTED_AT_MS,
        state: 'open',
        gaps: [],
        media: { videoCodec: 'h264', ptsOriginUs: 0 },
      });
    });

    it('sees by itself when the playlist grows', async () => {
      watcher().start();
      await until('the epoch', () => ledger.epochs.size === 1);
      await writeSegments(0);
      await list(0);
      await registered(0);
      await writeSegments(1);
      await list(0, 1);
      await registered(0, 1);
    });

    it('says nothing of an epoch before the one before it is over', async () => {
      const { promise, resolve } = Promise.withResolvers<void>();
      await writeSegments(0);
      await list(0);
      const made = watcher({}, promise);
      made.poke();
      let isOpened = false;
      void made.opened.then(() => (isOpened = true));
      await new Promise((done) => setImmediate(done));
      expect([ledger.epochs.size, isOpened]).toEqual([0, false]);
      resolve();
      await made.opened;
      await registered(0);
    });

    it('goes on where an earlier process stood', async () => {
      await writeSegments(...range(4));
      await list(0, 1);
      const first = watcher();
      first.start();
      await registered(0, 1);
      await first.stop();
      await list(2, 3); // the playlist has moved on
      watcher().start();
      await registered(0, 1, 2, 3);
      expect(known().gaps).toEqual([]);
    });

    it('asks anew for each batch which analyzers are to see it, and registers few enough at once', async () => {
      await writeSegments(...range(20));
      await list(...range(20));
      const queues = ['first', 'second'];
      watcher({ analyzers: () => [{ ...LOOK, queue: queues.shift()! }] }).poke();
      await registered(...range(20));
      expect(new Set(bell.rung.map(({ sequence, queue }) => `${sequence < 16} ${queue}`))).toEqual(new Set(['true first', 'false second']));
    });

    it('registers media that nobody analyses, and rings for nobody', async () => {
      await writeSegments(0);
      await list(0);
      watcher({ analyzers: () => [] }).start();
      await registered(0);
      expect(bell.rung).toEqual([]);
    });

    it('loses nothing by a bell that does not ring', async () => {
      bell.down = new Error('no queue');
      await writeSegments(0, 1);
      await list(0, 1);
      watcher().start();
      await registered(0, 1);
      await until('the warning', () => warnings().includes('Ringing for new segments failed'));
    });

    it('tries until the database is back, and registers all that came meanwhile, once', async () => {
      ledger.down = new Error('the database is away');
      await writeSegments(0);
      await list(0);
      const made = watcher();
      made.start();
      await until('a second try', () => warnings().filter((message) => message.startsWith('Registering segments')).length >= 2);
      await writeSegments(1, 2);
      await list(0, 1, 2);
      ledger.down = null;
      await registered(0, 1, 2);
      expect(known().gaps).toEqual([]);
    });

    it('gives up on a stream that the database does not know, and keeps nobody waiting', async () => {
      ledger.streams.add('another');
      await writeSegments(0);
      await list(0);
      const made = watcher();
      made.start();
      await made.opened;
      expect(logger.lines).toMatchObject([{ level: 'error', message: 'The segments of an epoch cannot be registered' }]);
      await expect(made.finish('ended')).rejects.toMatchObject({ code: 'VD_STREAM_NOT_FOUND' });
      expect(await readdir(files.path)).toContain(segmentFileName(0));
    });
  });

  describe('of what is missing or broken', () => {
    it('says which segments never came', async () => {
      await writeSegments(0, 3);
      await list(0, 1, 2, 3);
      watcher().start();
      await registered(0, 3);
      expect(known().gaps).toEqual([
        {
          epochId: epoch.epochId,
          afterSequence: 0,
          missingSequences: 2,
          fromPtsUs: 2_000_000,
          toPtsUs: 6_000_000,
          reason: 'missing-segment',
        },
      ]);
    });

    it('registers a segment that cannot be read as one, and has nobody analyse it', async () => {
      await writeSegments(0, 2);
      await write(segmentFileName(1), 'not media at all');
      await list(0, 1, 2);
      watcher().start();
      await registered(0, 1, 2);
      expect(known().segments.map(({ state }) => state)).toEqual(['ready', 'unreadable', 'ready']);
      expect(bell.rung.map(({ sequence }) => sequence)).toEqual([0, 2]);
      expect(warnings()).toContain('Segment is damaged');
    });

    it.each([
      ['empty', ''],
      ['with names that are none of ours', '#EXTM3U\n../../etc/passwd\n'],
    ])('goes by the files where the playlist is %s, and says so once', async (_, text) => {
      await writeSegments(0, 1);
      await write('000002.ts.tmp', media(2));
      await write(PLAYLIST_NAME, text);
      const made = watcher();
      made.poke();
      await registered(0, 1);
      await writeSegments(3);
      made.poke();
      await registered(0, 1, 3);
      expect(warnings().filter((message) => message === 'The playlist cannot be read; going by the files')).toHaveLength(1);
    });

    it('does not count through a playlist that is far ahead, but looks which files there are', async () => {
      await writeSegments(0, 70);
      await list(4_000_000);
      watcher().start();
      await registered(0, 70);
      expect(known().gaps).toMatchObject([{ afterSequence: 0, missingSequences: 69 }]);
    });
  });

  describe('of a packager that reads its segments', () => {
    const found = async (sequence: number): Promise<FoundSegment> => {
      const name = segmentFileName(sequence);
      await write(name, media(sequence));
      return { sequence, name, reading: (await readSegment(files.path, name, undefined))! };
    };

    it('registers what it is given, holes included, and looks at no file', async () => {
      const made = watcher({ isRead: true });
      made.start();
      made.find(await found(0), 2_000_000);
      await write(segmentFileName(1), media(1));
      await list(0, 1);
      made.find(await found(3), undefined);
      await registered(0, 3);
      expect(known().gaps).toMatchObject([{ afterSequence: 0, missingSequences: 2, reason: 'missing-segment' }]);
    });

    it('keeps what it is given while the database is away, and closes without a gap', async () => {
      ledger.down = new Error('away');
      const made = watcher({ isRead: true });
      made.start();
      for (const sequence of range(20)) made.find(await found(sequence), 2_000_000);
      ledger.down = null;
      await made.finish('publisher-gone');
      expect(sequences()).toEqual(range(20));
      expect(known()).toMatchObject({ state: 'closed', endReason: 'publisher-gone', gaps: [] });
    });

    it('lacks nothing after a death: what lies there was all there was', async () => {
      await writeSegments(0, 1);
      await watcher({ isComplete: true }).finish('ingest-restarted', 'crashed');
      expect(sequences()).toEqual([0, 1]);
      expect(known().gaps).toEqual([]);
    });
  });

  describe('of a packager that tells of its segments', () => {
    const told = (sequence: number, missingFrames = 0): PackagedSegment => ({
      ...{
        sequence,
        fileName: segmentFileName(sequence),
        sizeBytes: 9,
        ptsStartUs: sequence * 2_000_000,
        ptsEndUs: (sequence + 1) * 2_000_000,
      },
      ...{ frameCount: 50, audioFrameCount: 94, keyframePtsUs: [sequence * 2_000_000], missingFrames },
      media: { videoCodec: 'h264', audioCodec: 'aac', widthPx: 64, heightPx: 48 },
    });
    const damaged: PackagedLoss = { reason: 'damaged', afterSequence: 0, videoFrames: 1, audioFrames: 0, fromPtsUs: 5, toPtsUs: 5 };

    it('takes its word for it: nothing is read, and what is lost is recorded with the latest sum', async () => {
      const made = watcher({ isHandedOver: true });
      made.start();
      made.take(told(0));
      made.lose(damaged);
      made.lose({ ...damaged, videoFrames: 2 });
      made.take(told(1, 2));
      await registered(0, 1);
      expect(known().media).toMatchObject({ videoCodec: 'h264', widthPx: 64, ptsOriginUs: 0 });
      expect(known().segments).toMatchObject([
        { path: `${files.relativePath}/000000.ts`, audioFrameCount: 94, hasSound: true, ptsEndUs: 2_000_000 },
        { error: 'VD_MEDIA_DAMAGED: 2 of its pictures came damaged and are left out' },
      ]);
      await made.finish('publisher-gone', 'broke-off');
      expect(known()).toMatchObject({ state: 'closed', endedAtMs: STARTED_AT_MS + 4_000, gaps: [{ reason: 'damaged', videoFrames: 2 }] });
    });

    it('registers all that was told while the database was away, in order', async () => {
      ledger.down = new Error('away');
      const made = watcher({ isHandedOver: true });
      made.start();
      for (let sequence = 0; sequence < 40; sequence++) made.take(told(sequence));
      made.lose(damaged);
      const finished = made.finish('publisher-gone');
      ledger.down = null;
      await finished;
      expect(sequences()).toEqual(Array.from({ length: 40 }, (_, sequence) => sequence));
      expect(known().gaps).toMatchObject([{ reason: 'damaged', videoFrames: 1, audioFrames: 0, fromPtsUs: 5, toPtsUs: 5 }]);
    });

    it('says of an epoch whose process died what may be missing, up to its last sign of life and a little more', async () => {
      await writeSegments(0);
      await write('000001.ts.tmp', media(1));
      const at = Date.now() / 1000;
      await utimes(join(files.path, '000001.ts.tmp'), at - 60, at - 60);
      await files.create({ epochId: epoch.epochId, streamId: epoch.streamId, startedAtMs: STARTED_AT_MS });
      await utimes(join(folder, '.open', `${epoch.epochId}.json`), at - 50, at - 50);
      await watcher().finish('ingest-restarted', 'crashed');
      expect(sequences()).toEqual([0, 1]);
      const gap = { afterSequence: 1, reason: 'crash', fromPtsUs: 4_000_000, toPtsUs: 14_200_000 };
      expect(known().gaps).toMatchObject([gap]);
      expect(known().gaps[0]!.videoFrames ?? null).toBeNull();
    });

    it('misses nothing of an epoch that was complete when its process died', async () => {
      await writeSegments(0);
      await watcher({ isComplete: true }).finish('ingest-restarted', 'crashed');
      expect([sequences(), known().gaps]).toEqual([[0], []]);
    });
  });

  describe('when the packager has ended', () => {
    it('registers what the playlist never named, the unfinished tail too, and closes the epoch where its media ends', async () => {
      await writeSegments(0, 1);
      await list(0);
      const made = watcher();
      made.start();
      await registered(0);
      await write('000002.ts.tmp', media(2));
      await made.finish('publisher-gone');
      expect(sequences()).toEqual([0, 1, 2]);
      expect(known()).toMatchObject({ state: 'closed', endReason: 'publisher-gone', endedAtMs: STARTED_AT_MS + 6_000, gaps: [] });
      expect((await readdir(files.path)).sort()).toEqual(['000000.ts', '000001.ts', '000002.ts', PLAYLIST_NAME]);
      expect(existsSync(join(folder, '.open', `${epoch.epochId}.json`))).toBe(false);
    });

    it('brings the playlist to its end, so that players stop asking', async () => {
      await writeSegments(0, 1);
      await list(0);
      const made = watcher();
      made.start();
      await registered(0);
      await made.finish('packager-failed');
      const text = await readFile(join(files.path, PLAYLIST_NAME), 'utf8');
      expect(text.split('\n').filter((line) => line.endsWith('.ts') || line === '#EXT-X-ENDLIST')).toEqual([
        '000000.ts',
        '000001.ts',
        '#EXT-X-ENDLIST',
      ]);
    });

    it('throws a tail away that holds nothing', async () => {
      await writeSegments(0);
      await write('000001.ts.tmp', '');
      await list(0);
      await watcher().finish('publisher-gone');
      expect([sequences(), (await readdir(files.path)).sort()]).toEqual([[0], ['000000.ts', PLAYLIST_NAME]]);
    });

    it('finds what came late into a hole', async () => {
      await writeSegments(0, 2);
      await list(0, 1, 2);
      const made = watcher();
      made.start();
      await registered(0, 2);
      await writeSegments(1);
      await made.finish('publisher-gone');
      expect(sequences()).toEqual([0, 2, 1]);
      expect(known().endedAtMs).toBe(STARTED_AT_MS + 6_000);
    });

    it('says that media is lost where the packager broke off, however much it was', async () => {
      await writeSegments(0);
      await list(0);
      await watcher().finish('packager-failed', 'broke-off');
      expect(known().gaps).toEqual([
        { epochId: epoch.epochId, afterSequence: 0, missingSequences: 0, fromPtsUs: 2_000_000, toPtsUs: null, reason: 'packager-failed' },
      ]);
    });

    it('says until when media was taken that a full disk had no room for', async () => {
      await writeSegments(0);
      await list(0);
      await watcher().finish('publisher-gone', 'ended', 9_000_000);
      expect(known().gaps).toEqual([
        { epochId: epoch.epochId, afterSequence: 0, missingSequences: 0, fromPtsUs: 2_000_000, toPtsUs: 9_000_000, reason: 'disk-full' },
      ]);
    });

    it('closes an epoch that never had media, without saying when it ended', async () => {
      await watcher().finish('publisher-gone');
      expect(known()).toMatchObject({ state: 'closed', endedAtMs: undefined, segments: [], gaps: [], media: null });
    });

    it('closes it once the database is back', async () => {
      await writeSegments(0);
      await list(0);
      ledger.down = new Error('the database is away');
      const finished = watcher().finish('publisher-gone');
      await until('a try', () => warnings().some((message) => message.startsWith('Registering the last segments')));
      ledger.down = null;
      await finished;
      expect(known()).toMatchObject({ state: 'closed', segments: [{ sequence: 0 }] });
    });

    it('leaves it to the next start when it is stopped first: the marker stays', async () => {
      await writeSegments(0);
      await list(0);
      ledger.down = new Error('the database is away');
      const made = watcher();
      const finished = made.finish('publisher-gone');
      const refused = expect(finished).rejects.toThrow('the watcher was stopped');
      await until('a try', () => warnings().length > 0);
      await made.stop();
      await refused;
      await made.opened; // nobody waits for it
      expect(existsSync(join(folder, '.open', `${epoch.epochId}.json`))).toBe(true);
      ledger.down = null;
      await watcher().finish('restarted');
      expect(known()).toMatchObject({ state: 'closed', endReason: 'restarted', segments: [{ sequence: 0 }] });
    });
  });

  it('looks no more once it is stopped', async () => {
    const made = watcher();
    made.start();
    await until('the epoch', () => ledger.epochs.size === 1);
    await made.stop();
    await writeSegments(0);
    await list(0);
    made.poke();
    await new Promise((done) => setImmediate(done));
    expect(sequences()).toEqual([]);
  });
});
