import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { h264Pictures, type CodedPicture } from '../../support/pull/annex-b.js';
import { Pulled } from '../../support/pull/pulled.js';
import { RtspCamera, type RtspCameraOptions } from '../../support/pull/rtsp-camera.js';
import { reservePort } from '../../support/reserve-port.js';
import { until } from '../../support/until.js';

const LOGIN = { username: 'guard', password: 'pass word/@:1' };
let folder: string;
let pictures: readonly CodedPicture[];
let camera: RtspCamera | undefined;
const cameraOf = async (options: Partial<RtspCameraOptions> = {}): Promise<RtspCamera> =>
  (camera = await RtspCamera.start({ pictures, ...options }));

/** Reading processes of this one's. */
async function readers(): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const facts = await Promise.all(
    pids.map(async (pid) => [pid, await textOf(`/proc/${pid}/cmdline`), await textOf(`/proc/${pid}/status`)]),
  );
  const isMine = new RegExp(`^PPid:\\s*${process.pid}$`, 'm');
  return facts.flatMap(([pid, command, status]) => (command!.includes('media-reader-entry') && isMine.test(status!) ? [Number(pid)] : []));
}
const textOf = (file: string): Promise<string> => readFile(file, 'latin1').catch(() => '');

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vd-pull-'));
  pictures = await h264Pictures(folder, 3);
});
afterEach(async () => {
  await camera?.stop();
  camera = undefined;
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('a camera of RTSP', () => {
  it.each([
    ['tcp', {}],
    ['udp', {}],
    // Its clock wraps after a second.
    ['auto', { firstTime: 2 ** 32 - 90_000 }],
    ['auto', { only: 'udp' }],
  ] as const)('gives each picture that it sent, by %s (%j)', async (transport, options) => {
    const { url } = await cameraOf(options);
    const pulled = await Pulled.open({ kind: 'rtsp', url, transport });
    const { reason, error } = await pulled.running.done;
    expect([reason, error]).toMatchObject(['source-ended', { code: 'VD_PULL_ENDED' }]);
    const frames = pulled.frames();
    expect(frames.length + pulled.lostPictures).toBe(camera!.sent);
    expect(frames.length).toBe(pictures.length);
    expect(pulled.context.epochs).toHaveLength(1);
    expect(frames.map(({ dtsUs }) => dtsUs)).toEqual(frames.map((_, index) => index * 40_000));
    expect(frames.filter(({ keyframe }) => keyframe).length).toBe(3);
    expect(pulled.context.epochs[0]!.opening.input).toMatchObject({ kind: 'frames', video: { codec: 'h264' } });
    expect(pulled.context.reported.map(({ state }) => state)).toEqual(['live']);
  });

  it('shows pictures when they are to be shown that come out of order', async () => {
    const reordered = await h264Pictures(folder, 3, ['-bf', '2', '-b_strategy', '0']);
    const { url } = await cameraOf({ pictures: reordered });
    const pulled = await Pulled.open({ kind: 'rtsp', url });
    await pulled.running.done;
    const shown = pulled.frames().map(({ ptsUs }) => ptsUs);
    expect(shown.map((us) => (us - shown[0]!) / 40_000)).toEqual(reordered.map(({ shownAt }) => shownAt));
    expect(new Set(shown).size).toBe(reordered.length);
  });

  it('says that packets are lost on the way', async () => {
    const { url } = await cameraOf({ losesOneOf: 40 });
    const pulled = await Pulled.open({ kind: 'rtsp', url, transport: 'udp' });
    await pulled.running.done;
    expect(pulled.context.reported.at(-1)).toMatchObject({ state: 'live', detail: expect.stringContaining('`transport: tcp`') });
    expect(pulled.context.epochs).toHaveLength(1);
  });

  it.each(['Basic', 'Digest'] as const)('lets the right password in and tells of a wrong one, by %s', async (scheme) => {
    const { url } = await cameraOf({ login: { ...LOGIN, scheme } });
    for (const login of [{}, { ...LOGIN, password: 'another word' }]) {
      const failure = await Pulled.failure({ kind: 'rtsp', url, ...login });
      expect(failure).toMatchObject({ code: 'VD_PULL_UNAUTHORISED', retryable: true });
      expect(`${failure.message} ${failure.fix}`).not.toMatch(/guard|word\b.*@|another word/);
    }
    const pulled = await Pulled.open({ kind: 'rtsp', url, ...LOGIN });
    await pulled.untilFrames(5);
    await pulled.running.stop('test');
    await until('the camera to be left', () => camera!.connections === 0);
  });

  it.runIf(process.platform === 'linux')('leaves credentials in no command line, environment or report', async () => {
    const { url } = await cameraOf({ login: { ...LOGIN, scheme: 'Basic' } });
    const pulled = await Pulled.open({ kind: 'rtsp', url, ...LOGIN });
    await pulled.untilFrames(1);
    const seen: string[] = [JSON.stringify(pulled.context.reported), pulled.context.epochs[0]!.opening.remote ?? ''];
    for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
      for (const file of ['cmdline', 'environ']) seen.push(await textOf(`/proc/${pid}/${file}`));
    }
    await pulled.running.stop('test');
    expect(seen.some((text) => text.includes('media-reader-entry'))).toBe(true);
    expect(seen.filter((text) => text.includes('pass word') || text.includes('pass%20word'))).toEqual([]);
  });

  it('tells what is wrong with an address', async () => {
    const { port } = await cameraOf();
    expect(await Pulled.failure({ kind: 'rtsp', url: `rtsp://127.0.0.1:${port}/side` })).toMatchObject({ code: 'VD_PULL_NOT_FOUND' });
    expect(await Pulled.failure({ kind: 'rtsp', url: `rtsp://127.0.0.1:${await reservePort()}/main` })).toMatchObject({
      code: 'VD_PULL_REFUSED',
    });
    expect(await Pulled.failure({ kind: 'rtsp', url: 'rtsp://no-such-camera.invalid/main' })).toMatchObject({
      code: 'VD_PULL_NAME_UNKNOWN',
    });
  });

  it('is not followed to where it leads', async () => {
    const elsewhere = await RtspCamera.start({ pictures });
    const { url } = await cameraOf({ redirectTo: elsewhere.url });
    expect(await Pulled.failure({ kind: 'rtsp', url })).toMatchObject({ code: 'VD_PULL_ADDRESS_REFUSED' });
    expect(elsewhere.requests).toEqual([]);
    await elsewhere.stop();
  });

  it('is given up when it sends nothing any more', async () => {
    const { url } = await cameraOf();
    const pulled = await Pulled.open({ kind: 'rtsp', url, timeout: '1s' });
    await pulled.untilFrames(30);
    camera!.isStalled = true;
    const { error } = await pulled.running.done;
    expect(['VD_PULL_STALLED', 'VD_PULL_TIMEOUT']).toContain((error as { code?: string }).code);
    expect(pulled.context.epochs[0]!.endReason).toBe('source-ended');
    expect(pulled.frames().length + pulled.lostPictures).toBe(camera!.sent);
  });

  it('is lost when it breaks off, with every picture that had come', async () => {
    const { url } = await cameraOf();
    const pulled = await Pulled.open({ kind: 'rtsp', url, transport: 'tcp' });
    await pulled.untilFrames(20);
    const sent = camera!.sent;
    camera!.drop();
    expect(await pulled.running.done).toMatchObject({ error: { code: 'VD_PULL_ENDED' } });
    expect(pulled.frames().length + pulled.lostPictures).toBeGreaterThanOrEqual(sent);
  });

  it.runIf(process.platform === 'linux')('ends when the process that reads it dies, and nothing else does', async () => {
    const { url } = await cameraOf();
    const pulled = await Pulled.open({ kind: 'rtsp', url });
    await pulled.untilFrames(5);
    for (const pid of await readers()) process.kill(pid, 'SIGKILL');
    expect(await pulled.running.done).toMatchObject({ error: { code: 'VD_PULL_READER', retryable: true } });
    expect(pulled.context.epochs[0]!.endReason).toBe('source-ended');
  });

  it('stops while it is being opened', async () => {
    const { url } = await cameraOf({ pictures: pictures.slice(0, 1) });
    const pulled = await Pulled.open({ kind: 'rtsp', url });
    await until('the camera to be asked', () => camera!.requests.length > 0);
    await pulled.running.stop('test');
    expect(await pulled.running.done).toEqual({ reason: 'test' });
    expect(pulled.context.epochs.every(({ endReason }) => endReason !== undefined)).toBe(true);
  });
});
