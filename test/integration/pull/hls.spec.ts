import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ffmpeg } from '../../support/media/ffmpeg.js';
import { growingPlaylist, hlsClip } from '../../support/pull/live-playlist.js';
import { Pulled } from '../../support/pull/pulled.js';
import { firstPicture } from '../../support/pull/shown-corner.js';
import { WebSource } from '../../support/pull/web-source.js';

let folder: string;
let web: WebSource;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vd-pull-hls-'));
  web = await WebSource.start();
});
afterEach(async () => {
  await web.stop();
  await rm(folder, { recursive: true, force: true });
});

const live = (playlist: () => string): void => void web.paths.set('/live.m3u8', (_request, response) => void response.end(playlist()));
const hls = (path = '/live.m3u8') => ({ kind: 'hls', url: web.url(path) }) as const;

describe('a live stream of HLS', () => {
  it.each([
    ['MPEG-TS', []],
    ['fragmented MP4', ['-hls_segment_type', 'fmp4', '-hls_fmp4_init_filename', 'head.mp4']],
  ])('gives every picture of every segment, in %s', async (_name, options) => {
    const clip = await hlsClip(folder, web, 4, options);
    live(growingPlaylist(clip));
    web.give(
      '/all.m3u8',
      '#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nsmall.m3u8\n#EXT-X-STREAM-INF:BANDWIDTH=900,CODECS="avc1,mp4a"\nlive.m3u8\n',
    );
    const pulled = await Pulled.open(hls('/all.m3u8'));
    expect(await pulled.running.done).toMatchObject({ error: { code: 'VD_PULL_ENDED' } });
    expect(pulled.frames().length).toBe(clip.pictures);
    expect(pulled.frames('audio').length).toBeGreaterThan(160);
    expect(pulled.lostPictures).toBe(0);
    expect(pulled.context.epochs).toHaveLength(1);
    expect(pulled.context.epochs[0]!.opening.input).toMatchObject({ video: { codec: 'h264' }, audio: { codec: 'aac' } });
  });

  it('is decrypted with its key, and begins with the last segment there is', async () => {
    const key = randomBytes(16);
    await writeFile(join(folder, 'key.bin'), key);
    await writeFile(join(folder, 'key.info'), `key.bin\n${join(folder, 'key.bin')}\n`);
    const clip = await hlsClip(folder, web, 4, ['-hls_key_info_file', join(folder, 'key.info')]);
    live(growingPlaylist(clip, 3));
    const pulled = await Pulled.open(hls());
    await pulled.running.done;
    expect(clip.head.join()).toContain('AES-128');
    expect(pulled.frames().length).toBe(50);
  });

  it('goes on in another epoch where its clock is another one', async () => {
    const clip = await hlsClip(folder, web, 2);
    const twice = { ...clip, segments: [...clip.segments, ...clip.segments] };
    live(growingPlaylist(twice, 1, 4));
    const pulled = await Pulled.open(hls());
    await pulled.running.done;
    expect(pulled.context.epochs.length).toBe(2);
    expect(pulled.frames().length + pulled.lostPictures).toBe(2 * clip.pictures);
    expect(pulled.lostPictures).toBe(0);
  });

  it('says that segments were missed', async () => {
    const clip = await hlsClip(folder, web, 6);
    const grow = growingPlaylist(clip, 1, 1);
    let asked = 0;
    live(() => {
      // Once, two segments pass between two looks.
      if (asked++ === 1) grow();
      return grow();
    });
    const pulled = await Pulled.open(hls());
    await pulled.running.done;
    expect(pulled.context.reported.map(({ detail }) => detail).join()).toContain('leave its playlist');
    expect(pulled.frames().length).toBe(clip.pictures - 25);
  });
});

describe('pictures that do not come upright', () => {
  // Bright at the top left as they are stored.
  const STORED = 'color=black:size=320x180:rate=25:duration=2,drawbox=x=0:y=0:w=80:h=60:color=white:t=fill';

  it.each([
    [90, 'bottom left', 180, 320],
    [180, 'bottom right', 320, 180],
    [270, 'top right', 180, 320],
  ])('are turned by %i degrees', async (degrees, corner, widthPx, heightPx) => {
    const encoder = ['-c:v', 'libx264', '-preset', 'ultrafast', '-g', '25', '-pix_fmt', 'yuv420p'];
    await ffmpeg('-f', 'lavfi', '-i', STORED, ...encoder, join(folder, 'stored.mp4'));
    const whole = join(folder, 'turned.mp4');
    const turned = ['-c', 'copy', '-metadata:s:v', `rotate=${degrees}`, '-movflags', 'frag_keyframe+empty_moov'];
    await ffmpeg('-i', join(folder, 'stored.mp4'), ...turned, whole);
    const bytes = await readFile(whole);
    const fragmentsAt = bytes.indexOf('moof') - 4;
    web.give('/head.mp4', bytes.subarray(0, fragmentsAt));
    web.give('/rest.m4s', bytes.subarray(fragmentsAt));
    const clip = { head: ['#EXT-X-MAP:URI="head.mp4"'], segments: [{ name: 'rest.m4s', durationS: 2 }], pictures: 50 };
    live(growingPlaylist(clip));
    const pulled = await Pulled.open(hls());
    await pulled.running.done;
    expect(await firstPicture(pulled)).toEqual({ widthPx, heightPx, bright: [corner] });
    expect(pulled.frames().length).toBe(50);
  });
});

describe('a playlist that was written by an enemy', () => {
  const media = (...uris: string[]): string =>
    ['#EXTM3U', '#EXT-X-TARGETDURATION:1', ...uris.flatMap((uri) => ['#EXTINF:1,', uri]), ''].join('\n');

  it.each([
    ['a file', () => media('file:///etc/passwd')],
    ['a file by way of another protocol', () => media('concat:file:///etc/passwd|x')],
    ['data', () => media('data:video/mp2t;base64,AAAA')],
    ['a socket', () => media('tcp://127.0.0.1:22')],
    ['what a cloud says of itself', () => media('http://169.254.169.254/latest/meta-data/')],
    ['another machine of the network', () => media('http://10.255.255.1/secret.ts')],
    ['this machine by another address of it', () => media('http://127.0.0.2/secret.ts')],
    ['this machine by a number', () => media('http://2130706434/secret.ts')],
    ['this machine by IPv6', () => media('http://[::1]/secret.ts')],
    ['this machine, mapped', () => media('http://[::ffff:127.0.0.2]/secret.ts')],
    ['a key elsewhere', () => `#EXTM3U\n#EXT-X-KEY:METHOD=AES-128,URI="http://169.254.169.254/key"\n#EXTINF:1,\na.ts\n`],
    ['a map that is a file', () => `#EXTM3U\n#EXT-X-MAP:URI="file:///etc/passwd"\n#EXTINF:1,\na.m4s\n`],
    ['a playlist elsewhere', () => '#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nhttp://10.255.255.1/live.m3u8\n'],
  ])('leads nowhere by %s', async (_what, playlist) => {
    web.give('/live.m3u8', playlist());
    expect(await Pulled.failure(hls())).toMatchObject({ code: 'VD_PULL_ADDRESS_REFUSED' });
  });

  it('asks its own server for what looks like a protocol of libav’s', async () => {
    web.give('/live.m3u8', media('subfile,,start,0,end,9,,:/etc/passwd'));
    expect(await Pulled.failure(hls())).toMatchObject({ code: 'VD_PULL_NOT_FOUND' });
    expect(web.asked.at(-1)?.path).toBe('/subfile,,start,0,end,9,,:/etc/passwd');
  });

  it.each(['http://169.254.169.254/', 'http://[::1]:1/', 'file:///etc/passwd', 'gopher://127.0.0.1/'])(
    'leads nowhere by a redirect to %s',
    async (to) => {
      web.redirect('/live.m3u8', to);
      expect(await Pulled.failure(hls())).toMatchObject({ code: 'VD_PULL_ADDRESS_REFUSED' });
      web.redirect('/a.ts', to);
      web.give('/other.m3u8', media('a.ts'));
      expect(await Pulled.failure(hls('/other.m3u8'))).toMatchObject({ code: 'VD_PULL_ADDRESS_REFUSED' });
    },
  );

  it.each([
    ['is none', 'root:x:0:0:', 'VD_PULL_PLAYLIST'],
    ['is empty', '#EXTM3U\n#EXT-X-TARGETDURATION:1\n', 'VD_PULL_NO_MEDIA'],
    ['is encrypted by DRM', '#EXTM3U\n#EXT-X-KEY:METHOD=SAMPLE-AES,URI="skd://x"\n#EXTINF:1,\na.ts\n', 'VD_PULL_PLAYLIST'],
    ['has ended', '#EXTM3U\n#EXTINF:1,\na.ts\n#EXT-X-ENDLIST\n', 'VD_PULL_NOT_LIVE'],
    ['is large', `#EXTM3U\n${'#EXTINF:1,\na.ts\n'.repeat(150_000)}`, 'VD_PULL_NOT_MEDIA'],
    ['names what is no media', '#EXTM3U\n#EXTINF:1,\nlive.m3u8\n', 'VD_PULL_NOT_MEDIA'],
  ])('%s: it is said', async (_what, playlist, code) => {
    web.give('/live.m3u8', playlist);
    expect(await Pulled.failure({ ...hls(), timeout: '2s' })).toMatchObject({ code });
  });

  it('gets no password that is another server’s', async () => {
    const other = await WebSource.start();
    web.paths.set('/live.m3u8', ({ headers }, response) => {
      if (headers.authorization === undefined) return void response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end();
      response.end(media(other.url('/a.ts')));
    });
    other.paths.set('/a.ts', (_request, response) => void response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end());
    expect(await Pulled.failure({ ...hls(), username: 'guard', password: 'secret' })).toMatchObject({ code: 'VD_PULL_UNAUTHORISED' });
    expect(web.asked.at(-1)?.authorization).toBe(`Basic ${Buffer.from('guard:secret').toString('base64')}`);
    expect(other.asked).toEqual([{ path: '/a.ts', authorization: undefined }]);
    await other.stop();
  });
});
