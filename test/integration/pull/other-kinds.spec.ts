import { spawn, type ChildProcess } from 'node:child_process';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Pulled } from '../../support/pull/pulled.js';
import { WebSource } from '../../support/pull/web-source.js';
import { reservePort } from '../../support/reserve-port.js';

const SECONDS = 3;
const PICTURE = ['-re', '-f', 'lavfi', '-i', `testsrc2=size=320x180:rate=25:duration=${SECONDS}`];
const TONE = ['-f', 'lavfi', '-i', `sine=duration=${SECONDS}`];
const X264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-g', '25', '-pix_fmt', 'yuv420p', '-threads', '1'];
const TS = ['-f', 'mpegts', 'pipe:1'];

let web: WebSource;
const children: ChildProcess[] = [];
beforeEach(async () => {
  web = await WebSource.start();
});
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await web.stop();
});

const start = (args: readonly string[]): ChildProcess => {
  const child = spawn('ffmpeg', ['-v', 'quiet', '-nostdin', ...args], { stdio: ['ignore', 'pipe', 'ignore'] });
  children.push(child);
  return child;
};
/** Gives what ffmpeg makes as long as it makes it. */
const stream = (path: string, type: string, ...args: string[]): string => {
  web.paths.set(path, (_request, response) => {
    response.writeHead(200, { 'content-type': type });
    start([...PICTURE, ...args]).stdout!.pipe(response);
  });
  return web.url(path);
};
const inputOf = (pulled: Pulled) => pulled.context.epochs[0]!.opening.input;

describe('MPEG-TS over HTTP', () => {
  it('gives each picture and its sound', async () => {
    const pulled = await Pulled.open({
      kind: 'http-ts',
      url: stream('/a.ts', 'video/mp2t', ...TONE, ...X264, '-bf', '2', '-c:a', 'aac', ...TS),
    });
    expect(await pulled.running.done).toMatchObject({ reason: 'source-ended', error: { code: 'VD_PULL_ENDED' } });
    expect(pulled.frames().length + pulled.lostPictures).toBe(SECONDS * 25);
    expect(pulled.lostPictures).toBe(0);
    expect(inputOf(pulled)).toMatchObject({ video: { codec: 'h264' }, audio: { codec: 'aac' } });
  });

  it.each([
    ['10 bits', ['-c:v', 'libx264', '-preset', 'ultrafast', '-g', '25', '-pix_fmt', 'yuv420p10le', ...TS], 25],
    [
      'interlaced, with pixels that are no squares',
      ['-vf', 'interlace,setsar=4/3', '-c:v', 'mpeg2video', '-flags', '+ildct+ilme', ...TS],
      12.5,
    ],
  ] as const)('is encoded to what browsers play: %s', async (_name, args, fps) => {
    const pulled = await Pulled.open({ kind: 'http-ts', url: stream('/odd.ts', 'video/mp2t', ...args) });
    await pulled.running.done;
    // A filter may keep the last of them.
    expect(pulled.frames().length).toBeGreaterThanOrEqual(Math.floor(SECONDS * fps) - 1);
    expect(inputOf(pulled)).toMatchObject({ video: { codec: 'h264' } });
    expect(pulled.context.reported.at(-1)?.detail).toContain('encoded anew');
    const { video } = inputOf(pulled) as { video: { configuration: Uint8Array } };
    expect([66, 77, 100]).toContain(video.configuration[1]);
  });

  it('is passed on as it is where that is asked, or refused', async () => {
    const args = ['-c:v', 'mpeg2video', ...TS];
    expect(await Pulled.failure({ kind: 'http-ts', url: stream('/b.ts', 'video/mp2t', ...args), video: 'copy' })).toMatchObject({
      code: 'VD_PULL_CODEC',
      message: expect.stringContaining('mpeg2video'),
    });
  });

  it('tells what is wrong', async () => {
    web.paths.set('/page', (_request, response) => void response.writeHead(200, { 'content-type': 'text/html' }).end('<p>'));
    web.paths.set('/busy', (_request, response) => void response.writeHead(503).end());
    web.paths.set('/closed', (_request, response) => void response.writeHead(403).end());
    web.paths.set('/silent', (_request, response) => void response.writeHead(200).flushHeaders());
    web.paths.set('/round', (_request, response) => void response.writeHead(302, { location: '/round' }).end());
    web.give('/text', 'no media '.repeat(4000));
    const failed = async (path: string) => (await Pulled.failure({ kind: 'http-ts', url: web.url(path), timeout: '1s' })).code;
    expect(await failed('/page')).toBe('VD_PULL_NOT_MEDIA');
    expect(await failed('/busy')).toBe('VD_PULL_REJECTED');
    expect(await failed('/closed')).toBe('VD_PULL_UNAUTHORISED');
    expect(await failed('/missing')).toBe('VD_PULL_NOT_FOUND');
    expect(await failed('/silent')).toBe('VD_PULL_TIMEOUT');
    expect(await failed('/round')).toBe('VD_PULL_REJECTED');
    expect(['VD_PULL_NOT_MEDIA', 'VD_PULL_NO_MEDIA']).toContain(await failed('/text'));
    const port = await reservePort();
    expect(await Pulled.failure({ kind: 'http-ts', url: `http://127.0.0.1:${port}/` })).toMatchObject({ code: 'VD_PULL_REFUSED' });
  });
});

describe('MJPEG over HTTP', () => {
  it('becomes H.264, each picture at the time it came', async () => {
    const url = stream('/a.mjpg', 'multipart/x-mixed-replace; boundary=ffmpeg', '-c:v', 'mjpeg', '-f', 'mpjpeg', 'pipe:1');
    const pulled = await Pulled.open({ kind: 'mjpeg', url });
    expect(await pulled.running.done).toMatchObject({ error: { code: 'VD_PULL_ENDED' } });
    const frames = pulled.frames();
    expect(frames.length).toBe(SECONDS * 25);
    expect(frames.every(({ ptsUs }, index) => index === 0 || ptsUs > frames[index - 1]!.ptsUs)).toBe(true);
    expect(frames.at(-1)!.ptsUs).toBeGreaterThan(1_500_000);
  });
});

describe('SRT', () => {
  const listener = async (...options: string[]): Promise<string> => {
    const port = await reservePort();
    start([...PICTURE, ...X264, '-f', 'mpegts', `srt://127.0.0.1:${port}?mode=listener&${options.join('&')}`]);
    return `srt://127.0.0.1:${port}`;
  };
  /** Until ffmpeg listens: nobody says so. */
  const answered = async (input: Parameters<typeof Pulled.open>[0]): Promise<Pulled> => {
    for (let attempt = 0; ; attempt++) {
      const pulled = await Pulled.open(input);
      const begun = await Promise.race([pulled.untilFrames(1).then(() => true), pulled.running.done.then(() => false)]);
      if (begun) return pulled;
      if (attempt === 10) throw new Error('the listener never answered');
    }
  };

  it('comes from a listener, encrypted', async () => {
    const url = await listener('passphrase=0123456789ab');
    const pulled = await answered({ kind: 'srt', url, passphrase: '0123456789ab', timeout: '2s' });
    expect(await pulled.running.done).toMatchObject({ error: { code: 'VD_PULL_ENDED' } });
    // What is on the way when the sender closes never comes.
    expect(pulled.frames().length).toBeGreaterThan(SECONDS * 25 - 20);
    expect(pulled.context.epochs).toHaveLength(1);
  });

  it("comes from the listener of SRT's own tools, with a stream id", async () => {
    const port = await reservePort();
    const url = `srt://127.0.0.1:${port}`;
    // It reads its standard input once somebody has called.
    const relay = spawn('srt-live-transmit', ['-q', '-a', 'no', 'file://con', `${url}?mode=listener&passphrase=0123456789ab`]);
    children.push(relay);
    start([...PICTURE, ...TONE, ...X264, '-c:a', 'aac', ...TS]).stdout!.pipe(relay.stdin.on('error', () => undefined));
    const pulled = await answered({ kind: 'srt', url, streamId: 'door', passphrase: '0123456789ab', timeout: '2s' });
    await pulled.running.done;
    expect(pulled.frames().length).toBeGreaterThan(SECONDS * 25 - 30);
    expect(inputOf(pulled)).toMatchObject({ video: { codec: 'h264' }, audio: { codec: 'aac' } });
    expect(pulled.context.epochs).toHaveLength(1);
  });

  it('says that the passphrase is wrong, or that nobody listens', async () => {
    const port = await reservePort();
    const url = `srt://127.0.0.1:${port}`;
    const relay = spawn('srt-live-transmit', ['-q', 'file://con', `${url}?mode=listener&passphrase=0123456789ab`]);
    children.push(relay);
    const refused = await Pulled.failure({ kind: 'srt', url, passphrase: 'abcdefghijkl', timeout: '1s' });
    relay.kill('SIGKILL');
    const gone = await Pulled.failure({ kind: 'srt', url, passphrase: '0123456789ab', timeout: '1s' });
    expect([refused.code, gone.code]).toEqual(['VD_PULL_SRT_UNANSWERED', 'VD_PULL_SRT_UNANSWERED']);
    expect(refused.fix).toContain('passphrase');
  });
});

describe('RTMP', () => {
  it('comes from a server', async () => {
    const port = await reservePort();
    const url = `rtmp://127.0.0.1:${port}/live/a`;
    const made = [...PICTURE, ...TONE, ...X264, '-c:a', 'aac', '-f', 'flv', '-listen', '1', url];
    start(made);
    let pulled = await Pulled.open({ kind: 'rtmp', url });
    while (!(await Promise.race([pulled.untilFrames(1).then(() => true), pulled.running.done.then(() => false)])))
      pulled = await Pulled.open({ kind: 'rtmp', url });
    expect(await pulled.running.done).toMatchObject({ error: { code: 'VD_PULL_ENDED' } });
    expect(pulled.frames().length).toBe(SECONDS * 25);
    expect(inputOf(pulled)).toMatchObject({ video: { codec: 'h264' }, audio: { codec: 'aac' } });
  });
});
