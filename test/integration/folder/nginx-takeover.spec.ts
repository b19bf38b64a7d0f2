import { existsSync } from 'node:fs';
import { mkdtemp, readFile, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { publishClip, startPublisher } from '../../e2e/support/publisher.js';
import { makeClip, videoPts } from '../../support/media/ffmpeg.js';
import { NginxRtmp } from '../../support/media/nginx-rtmp.js';
import { until } from '../../support/until.js';
import { FolderStream } from './folder-stream.js';

/** Segments of nginx-rtmp in the order of its numbers, with their bytes. */
interface Written {
  readonly name: string;
  readonly bytes: Buffer;
}

const GOP_S = 1;

describe.skipIf(!NginxRtmp.isThere())('taking over from a running nginx-rtmp', () => {
  let clips: string;
  let nginx: NginxRtmp;
  let stream: FolderStream;
  beforeAll(async () => {
    clips = await mkdtemp(join(tmpdir(), 'vd-clips-'));
    await makeClip(join(clips, 'long.flv'), { seconds: 14, gopFrames: 25 * GOP_S });
    await makeClip(join(clips, 'short.flv'), { seconds: 4, gopFrames: 25 * GOP_S });
  });
  afterAll(() => rm(clips, { recursive: true, force: true }));
  beforeEach(async () => {
    // Everything stays, so that it can be compared; the playlist names the last four.
    nginx = await NginxRtmp.start('hls_fragment 1s; hls_playlist_length 4s; hls_cleanup off;');
  });
  afterEach(async () => {
    await stream?.stop();
    await nginx.stop();
  });

  const playlist = () => readFile(join(nginx.hlsFolder, 'cam.m3u8'), 'utf8');
  const writtenFrom = async (first: number): Promise<Written[]> => {
    const numbers = (await readdir(nginx.hlsFolder)).flatMap((name) => /^cam-(\d+)\.ts$/.exec(name)?.[1] ?? []).map(Number);
    const names = numbers.filter((number) => number >= first).sort((a, b) => a - b);
    return Promise.all(names.map(async (number) => ({ name: `cam-${number}.ts`, bytes: await readFile(join(nginx.hlsFolder, `cam-${number}.ts`)) })));
  };

  it('stores each segment from the playlist on exactly once, byte for byte, through a death of ingest and a reconnect of the publisher', async () => {
    const publisher = startPublisher(join(clips, 'long.flv'), nginx.urlOf('cam'));
    const published = new Promise((resolve) => publisher.once('exit', resolve));
    await until('a playlist that has moved on', () => existsSync(join(nginx.hlsFolder, 'cam-6.ts')), 20_000);
    const firstNamed = Number(/^cam-(\d+)\.ts/m.exec(await playlist())?.[1]);
    expect(firstNamed).toBeGreaterThan(0);

    stream = await FolderStream.start({ folder: nginx.hlsFolder, config: { name: 'cam' } });
    await until('segments of the first life', async () => (await stream.segments()).length >= 5);
    expect(await stream.state()).toBe('live');
    await stream.killAndStartAgain();
    await published;
    await until('the end of the publisher to be seen', async () => (await stream.epochs()).every(({ state }) => state === 'closed'), 20_000);

    const first = await writtenFrom(firstNamed);
    await stream.expectStored(first.map(({ bytes }) => bytes));
    const frames = (await videoPts(join(clips, 'long.flv'))).length;
    const before = (await Promise.all(Array.from({ length: firstNamed }, (_, i) => videoPts(join(nginx.hlsFolder, `cam-${i}.ts`))))).flat();
    expect((await stream.segments()).reduce((sum, { frameCount }) => sum + frameCount, 0)).toBe(frames - before.length);

    await publishClip(join(clips, 'short.flv'), nginx.urlOf('cam'));
    const epochs = (await stream.epochs()).length;
    await until('the second publish', async () => {
      const all = await stream.epochs();
      return all.length > epochs && all.every(({ state }) => state === 'closed');
    }, 20_000);
    const all = await writtenFrom(firstNamed);
    expect(all.length).toBeGreaterThan(first.length);
    await stream.expectStored(all.map(({ bytes }) => bytes));
    expect(await stream.gaps()).toEqual([]);
    // Nothing of nginx was touched.
    expect((await stat(join(nginx.hlsFolder, all[0]!.name))).nlink).toBe(1);
  }, 90_000);
});
