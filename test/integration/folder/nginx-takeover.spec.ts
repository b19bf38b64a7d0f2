import { existsSync } from 'node:fs';
import { link, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, type TestContext } from 'vitest';
import { publishClip, startPublisher } from '../../e2e/support/publisher.js';
import { makeClip, videoPts } from '../../support/media/ffmpeg.js';
import { NginxRtmp } from '../../support/media/nginx-rtmp.js';
import { until } from '../../support/until.js';
import { FolderStream } from './folder-stream.js';

const GOP_S = 1;

// They mostly wait for publishers, who send in real time.
describe.skipIf(!NginxRtmp.isThere()).concurrent('taking over from a running nginx-rtmp', () => {
  let clips: string;
  beforeAll(async () => {
    clips = await mkdtemp(join(tmpdir(), 'vd-clips-'));
    await makeClip(join(clips, 'long.flv'), { seconds: 11, gopFrames: 25 * GOP_S });
    // Other pictures: bytes tell the publishes apart.
    await makeClip(join(clips, 'short.flv'), { seconds: 3, gopFrames: 25 * GOP_S, size: '192x112' });
    await makeClip(join(clips, 'other.flv'), { seconds: 2, gopFrames: 25 * GOP_S, size: '320x180' });
  });
  afterAll(() => rm(clips, { recursive: true, force: true }));
  const nginxOf = async ({ onTestFinished }: TestContext, hls: string): Promise<NginxRtmp> => {
    const nginx = await NginxRtmp.start(hls);
    onTestFinished(() => nginx.stop());
    return nginx;
  };
  /** In the order of nginx's numbers. */
  const writtenFrom = async (folder: string, first: number): Promise<Buffer[]> => {
    const numbers = (await readdir(folder)).flatMap((name) => /^cam-(\d+)\.ts$/.exec(name)?.[1] ?? []).map(Number);
    const wanted = numbers.filter((number) => number >= first).sort((a, b) => a - b);
    return Promise.all(wanted.map((number) => readFile(join(folder, `cam-${number}.ts`))));
  };
  const numberOf = async (folder: string, bytes: Buffer): Promise<number> => {
    const all = await writtenFrom(folder, 0);
    return all.findIndex((one) => one.equals(bytes));
  };
  const closed = async (of: FolderStream, least: number): Promise<boolean> => {
    const epochs = await of.epochs();
    return epochs.length >= least && epochs.every(({ state }) => state === 'closed');
  };

  it('stores each segment from the playlist on exactly once, through a death of ingest and a reconnect of the publisher', async (test) => {
    // Everything stays, so that it can be compared; the playlist names the last four.
    const nginx = await nginxOf(test, 'hls_fragment 1s; hls_playlist_length 4s; hls_cleanup off;');
    const folder = nginx.hlsFolder;
    const publisher = startPublisher(join(clips, 'long.flv'), nginx.urlOf('cam'));
    const published = new Promise((resolve) => publisher.once('exit', resolve));
    await until('a playlist that has moved on', () => existsSync(join(folder, 'cam-5.ts')), 20_000);
    const namedNow = async (): Promise<number> => Number(/^cam-(\d+)\.ts/m.exec(await readFile(join(folder, 'cam.m3u8'), 'utf8'))?.[1]);
    const namedBefore = await namedNow();
    expect(namedBefore).toBeGreaterThan(0);

    const taking = await FolderStream.of(test, { folder, config: { name: 'cam' } });
    await until('segments of the first life', async () => (await taking.segments()).length >= 1);
    // The playlist moves on while Vedette starts: it began with what was named first when it looked.
    const firstNamed = await numberOf(folder, await taking.bytesOf(0));
    expect(firstNamed).toBeGreaterThanOrEqual(namedBefore);
    expect(firstNamed).toBeLessThanOrEqual(await namedNow());
    await until('more of them', async () => (await taking.segments()).length >= 4);
    expect(await taking.state()).toBe('live');
    await taking.killAndStartAgain();
    await published;
    await until('the end of the publisher to be seen', () => closed(taking, 2), 20_000);

    const first = await writtenFrom(folder, firstNamed);
    await taking.expectStored(first);
    const sent = (await videoPts(join(clips, 'long.flv'))).length;
    const before = await Promise.all(Array.from({ length: firstNamed }, (_, i) => videoPts(join(folder, `cam-${i}.ts`))));
    expect((await taking.segments()).reduce((sum, { frameCount }) => sum + frameCount, 0)).toBe(sent - before.flat().length);

    const epochs = (await taking.epochs()).length;
    await publishClip(join(clips, 'short.flv'), nginx.urlOf('cam'));
    await until('the second publish', () => closed(taking, epochs + 1), 20_000);
    const all = await writtenFrom(folder, firstNamed);
    expect(all.length).toBeGreaterThan(first.length);
    await taking.expectStored(all);
    expect(await taking.gaps()).toEqual([]);
  }, 90_000);

  it('keeps what it stored when nginx writes into its old files', async (test) => {
    const nginx = await nginxOf(test, 'hls_fragment 1s; hls_playlist_length 10s; hls_cleanup off; hls_continuous off;');
    const folder = nginx.hlsFolder;
    const taking = await FolderStream.of(test, { folder, config: { name: 'cam', silenceTimeout: '1s' } });
    await publishClip(join(clips, 'short.flv'), nginx.urlOf('cam'));
    await until('the first publish', () => closed(taking, 1), 20_000);
    const first = await writtenFrom(folder, 0);
    await taking.expectStored(first);
    await link(join(folder, 'cam-0.ts'), join(folder, 'shared'));

    await publishClip(join(clips, 'other.flv'), nginx.urlOf('cam'));
    await until('the second publish', () => closed(taking, 2), 20_000);
    // Why files of plain numbers are copied: this one was written into.
    expect((await readFile(join(folder, 'shared'))).equals(first[0]!)).toBe(false);
    await taking.expectStored([...first, ...(await writtenFrom(folder, 0)).slice(0, 2)]);
    expect(await taking.gaps()).toEqual([]);
  }, 60_000);

  it('follows the best of several variants into its nested folder', async (test) => {
    const variants = 'hls_variant _low BANDWIDTH=100000; hls_variant _hi BANDWIDTH=900000;';
    const nginx = await nginxOf(test, `hls_fragment 1s; hls_nested on; hls_cleanup off; ${variants}`);
    const folder = nginx.hlsFolder;
    const taking = await FolderStream.of(test, { folder, config: { name: 'cam', layout: 'nginx-rtmp', silenceTimeout: '2s' } });
    await Promise.all([
      publishClip(join(clips, 'short.flv'), nginx.urlOf('cam_low')),
      publishClip(join(clips, 'other.flv'), nginx.urlOf('cam_hi')),
    ]);
    await until('the publish', () => closed(taking, 1), 20_000);
    const best = join(folder, 'cam_hi');
    const names = (await readdir(best)).filter((name) => name.endsWith('.ts')).sort();
    expect(names.length).toBeGreaterThan(1);
    await taking.expectStored(await Promise.all(names.map((name) => readFile(join(best, name)))));
  }, 60_000);
});
