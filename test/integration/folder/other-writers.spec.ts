import { spawn } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, type TestContext } from 'vitest';
import { ffmpeg, makeClip, videoPts } from '../../support/media/ffmpeg.js';
import { until } from '../../support/until.js';
import { FolderStream, type FolderStreamOptions, type StoredSegment } from './folder-stream.js';

const SECONDS = 5;

/** A folder, and what writes into it and takes from it, for one test. */
class Scene {
  private constructor(
    private readonly test: TestContext,
    private readonly clip: string,
    readonly folder: string,
  ) {}

  static async of(test: TestContext, clip: string): Promise<Scene> {
    const folder = await mkdtemp(join(tmpdir(), 'vd-writer-'));
    test.onTestFinished(() => rm(folder, { recursive: true, force: true }));
    return new Scene(test, clip, folder);
  }

  stream(config: FolderStreamOptions['config'] = {}): Promise<FolderStream> {
    return FolderStream.of(this.test, { folder: this.folder, config });
  }

  /** A program that cuts the clip into segments in real time. */
  write(...output: string[]): Promise<void> {
    const input = ['-v', 'error', '-nostdin', '-re', '-i', this.clip, '-c', 'copy'];
    const writer = spawn('ffmpeg', [...input, ...output], { stdio: 'ignore' });
    this.test.onTestFinished(() => void writer.kill('SIGKILL'));
    return new Promise((resolve, reject) => {
      writer.once('exit', (code) => (code === 0 ? resolve() : reject(new Error(`the writer ended with ${code}`))));
    });
  }

  hls(...options: string[]): Promise<void> {
    return this.write('-f', 'hls', '-hls_time', '1', ...options, join(this.folder, 'index.m3u8'));
  }

  async bytesOf(ending: string): Promise<Buffer[]> {
    const names = (await readdir(this.folder)).filter((name) => name.endsWith(ending)).sort();
    return Promise.all(names.map((name) => readFile(join(this.folder, name))));
  }
}

// They mostly wait for writers, which write in real time.
describe.concurrent('folders that other programs write', () => {
  let clips: string;
  let sentFrames: number;
  beforeAll(async () => {
    clips = await mkdtemp(join(tmpdir(), 'vd-clips-'));
    await makeClip(join(clips, 'clip.mp4'), { seconds: SECONDS, gopFrames: 25 });
    sentFrames = (await videoPts(join(clips, 'clip.mp4'))).length;
  });
  afterAll(() => rm(clips, { recursive: true, force: true }));

  const scene = (test: TestContext) => Scene.of(test, join(clips, 'clip.mp4'));
  const closed = async (stream: FolderStream, epochs: number): Promise<boolean> => {
    const all = await stream.epochs();
    return all.length === epochs && all.every(({ state }) => state === 'closed');
  };
  const framesOf = (segments: readonly StoredSegment[]): number => segments.reduce((sum, { frameCount }) => sum + frameCount, 0);

  it('takes what the hls muxer of ffmpeg writes, through a death in between, and begins at its clock', async (test) => {
    const made = await scene(test);
    const { folder } = made;
    const stream = await made.stream();
    const beganAtMs = Date.now();
    const written = made.hls(
      '-hls_flags',
      'temp_file+program_date_time',
      '-hls_list_size',
      '0',
      '-hls_segment_filename',
      join(folder, '%03d.ts'),
    );
    await until('two segments', async () => (await stream.segments()).length >= 2);
    await stream.killAndStartAgain();
    await written;
    await until('the end', () => closed(stream, 2), 20_000);
    await stream.expectStored(await made.bytesOf('.ts'));
    expect(framesOf(await stream.segments())).toBe(sentFrames);
    expect(await stream.gaps()).toEqual([]);
    const [first, second] = await stream.epochs();
    expect(first!.startedAtMs).toBeGreaterThanOrEqual(beganAtMs - 1000);
    expect(second!.endReason).toBe('publisher-ended');
    expect(second!.startedAtMs).toBeGreaterThan(first!.startedAtMs);
  });

  it('takes fMP4 with its initialization', async (test) => {
    const made = await scene(test);
    const { folder } = made;
    const stream = await made.stream();
    await made.hls('-hls_segment_type', 'fmp4', '-hls_list_size', '0', '-hls_segment_filename', join(folder, '%03d.m4s'));
    await until('the end', () => closed(stream, 1), 20_000);
    await stream.expectStored(await made.bytesOf('.m4s'));
    const [first] = await stream.segments();
    expect(first!.path).toMatch(/000000\.m4s$/);
    expect(await readFile(join(stream.mediaDir, first!.path, '..', 'init.mp4'))).toEqual(await readFile(join(folder, 'init.mp4')));
    expect(framesOf(await stream.segments())).toBe(sentFrames);
  });

  it('takes recordings as MediaMTX lays them out, without a playlist, and shares their files', async (test) => {
    const made = await scene(test);
    const { folder } = made;
    await mkdir(join(folder, 'door'));
    const stream = await made.stream({ name: 'door', layout: 'mediamtx', silenceTimeout: '5s' });
    const today = new Date().toISOString().slice(0, '2026-11-28'.length);
    // MediaMTX keeps one clock over all files of its MPEG-TS recordings.
    const cut = ['-f', 'segment', '-segment_time', '1', '-segment_format', 'mpegts', '-muxdelay', '0'];
    await made.write(...cut, join(folder, 'door', `${today}_05-47-%02d-000000.ts`));
    const names = (await readdir(join(folder, 'door'))).sort();
    await until('all of them', async () => (await stream.segments()).length === names.length, 20_000);
    await stream.expectStored(await Promise.all(names.map((name) => readFile(join(folder, 'door', name)))));
    expect(framesOf(await stream.segments())).toBe(sentFrames);
    expect((await stream.epochs()).length).toBe(1);
    expect((await stat(join(folder, 'door', names[0]!))).nlink).toBe(2);
  });

  it('records what was deleted while nobody looked, and what cannot be read, each with its reason', async (test) => {
    const made = await scene(test);
    const { folder } = made;
    const cut = ['-i', join(clips, 'clip.mp4'), '-c', 'copy', '-f', 'hls', '-hls_time', '1', '-hls_list_size', '0'];
    await ffmpeg(...cut, '-hls_segment_filename', join(folder, '%03d.ts'), join(folder, 'index.m3u8'));
    const whole = await made.bytesOf('.ts');
    await rm(join(folder, '001.ts'));
    await rm(join(folder, '003.ts'));
    await symlink('/etc/passwd', join(folder, '003.ts'));
    const stream = await made.stream();
    await until('the end', () => closed(stream, 1), 20_000);
    await stream.expectStored(whole.filter((_, i) => i !== 1 && i !== 3));
    expect((await stream.segments()).map(({ sequence }) => sequence)).toEqual([0, 2, 4]);
    expect(await stream.gaps()).toEqual([
      { reason: 'missing-segment', missing: 1 },
      { reason: 'missing-segment', missing: 1 },
    ]);

    // What was remembered of the folder goes with the stream.
    const remembered = join(stream.mediaDir, '.taken');
    expect(await readdir(remembered)).toEqual([stream.id]);
    await stream.remove();
    await until('it to be forgotten', async () => (await readdir(remembered)).length === 0);
  });

  it('begins an epoch where size or clock change, and has none of them overlap', async (test) => {
    const place = await scene(test);
    const { folder } = place;
    await makeClip(join(clips, 'large.mp4'), { seconds: 2, gopFrames: 25, size: '320x180' });
    const made = await mkdtemp(join(tmpdir(), 'vd-made-'));
    for (const [i, clip] of ['clip.mp4', 'large.mp4', 'large.mp4'].entries()) {
      const cut = ['-i', join(clips, clip), '-c', 'copy', '-f', 'segment', '-segment_time', '1', '-segment_format', 'mpegts'];
      await ffmpeg(...cut, '-muxdelay', '0', join(made, `${i}-%03d.ts`));
    }
    const stream = await place.stream({ layout: 'plain', silenceTimeout: '5s' });
    for (const name of (await readdir(made)).sort()) await copyFile(join(made, name), join(folder, name));
    await until('all of them', async () => (await stream.segments()).length === SECONDS + 4, 20_000);
    await rm(made, { recursive: true });
    expect((await stream.segments()).map(({ ordinal }) => ordinal)).toEqual([0, 0, 0, 0, 0, 1, 1, 2, 2]);
    const epochs = await stream.epochs();
    expect(epochs.slice(0, 2).map(({ endReason }) => endReason)).toEqual(['format-changed', 'clock-jump']);
    expect(epochs[1]!.startedAtMs - epochs[0]!.startedAtMs).toBeGreaterThanOrEqual(SECONDS * 1000 - 1);
    expect(epochs[2]!.startedAtMs - epochs[1]!.startedAtMs).toBeGreaterThanOrEqual(1999);
  });
});
