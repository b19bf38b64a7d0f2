import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { rtmpConfigSchema } from '../../src/adapters/rtmp/config.js';
import { RtmpListener } from '../../src/adapters/rtmp/rtmp-listener.js';
import { LiveMeasureStore } from '../../src/core/persistence/streams/live-measure-store.js';
import { StreamStore } from '../../src/core/persistence/streams/stream-store.js';
import { LiveReporter } from '../../src/core/streams/live-reporter.js';
import { streamHealthWire, type StreamHealthWire } from '../../src/core/wire/wire.js';
import { ApiApp } from '../support/api-app.js';
import { SilentLogger } from '../support/fakes/silent-logger.js';
import { ffmpeg, makeClip } from '../support/media/ffmpeg.js';
import { reservePort } from '../support/reserve-port.js';
import { RestReader } from '../support/rest-reader.js';
import { until } from '../support/until.js';
import { TestIngestNode } from './support/ingest-node.js';

/** From an encoder over RTMP through the packager and the ledger to what the API says. */
describe('the health of a stream that an encoder sends', () => {
  let folder: string;
  let api: ApiApp;
  let rest: RestReader;
  let node: TestIngestNode;
  let listener: RtmpListener;
  let reporter: LiveReporter;
  let port: number;
  const encoders: ChildProcess[] = [];
  const stopped = new AbortController();

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vd-live-health-'));
    api = await ApiApp.start();
    rest = new RestReader(api, await api.signIn());
    node = await TestIngestNode.start({ databaseUrl: api.database.url, name: 'A' });
    port = await reservePort();
    listener = await RtmpListener.open(rtmpConfigSchema.parse({ host: '127.0.0.1', port }), node.gate, new SilentLogger(), stopped.signal);
    reporter = new LiveReporter(node.opener, api.app.get(LiveMeasureStore, { strict: false }), new SilentLogger());
    reporter.onApplicationBootstrap();
  });
  afterEach(() => {
    for (const encoder of encoders.splice(0)) encoder.kill('SIGKILL');
  });
  afterAll(async () => {
    await reporter.onModuleDestroy();
    await listener.stop('over');
    await node.stop();
    await api.stop();
    await rm(folder, { recursive: true, force: true });
  });

  async function streamFor(name: string): Promise<{ id: string; url: string }> {
    const store = api.app.get(StreamStore, { strict: false });
    const { id } = await store.create({ name, title: name, adapterId: 'rtmp' });
    return { id, url: `rtmp://127.0.0.1:${port}/live/${(await store.createKey(id)).key}` };
  }

  /** Sends all of a clip and stays connected; at the clip's own pace, or as fast as it goes. */
  async function send(clip: string, url: string, pace: 'real-time' | 'at-once'): Promise<ChildProcess> {
    const before = pace === 'real-time' ? ['-re'] : [];
    // It would keep sound back for ten seconds in wait for the picture, which encoders do not.
    const after = ['-c', 'copy', '-max_interleave_delta', '200000', '-f', 'flv', url];
    const encoder = spawn('ffmpeg', ['-v', 'error', ...before, '-f', 'flv', '-i', 'pipe:0', ...after], {
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    encoders.push(encoder);
    encoder.stdin?.on('error', () => undefined); // killed before it took all
    encoder.stdin?.write(await readFile(clip));
    return encoder;
  }

  const health = (id: string): Promise<StreamHealthWire> => rest.get(`/api/streams/${id}/health`, streamHealthWire.strict());
  const told = (id: string, what: string, isTold: (health: StreamHealthWire) => boolean): Promise<StreamHealthWire> =>
    until(what, async () => {
      const now = await health(id);
      return isTold(now) ? now : null;
    });
  const codes = ({ issues }: StreamHealthWire): string[] => issues.map(({ code }) => code);

  it('names keyframes that come every 8 s with what to set, and what was measured', async () => {
    const clip = join(folder, 'long-gop.flv');
    await makeClip(clip, { seconds: 26, gopFrames: 200 });
    const { id, url } = await streamFor('long-gop');
    await send(clip, url, 'at-once');
    const found = await told(id, 'keyframes to be measured', ({ measures }) => measures.keyframeIntervalMs !== null);
    expect(codes(found)).toContain('keyframe-interval-long');
    expect(found.issues.find(({ code }) => code === 'keyframe-interval-long')).toMatchObject({
      ...{
        severity: 'warning',
        reason: 'Keyframes come every 8.0 s',
        fix: expect.stringMatching(/^set 2 s in OBS, Settings, Output/) as string,
      },
    });
    expect(found.measures).toMatchObject({ keyframeIntervalMs: 8_000, frameRateFps: 25, declaredFrameRateFps: 25, hasSound: true });
    expect(found.measures).toMatchObject({ videoCodec: 'h264', audioCodec: 'aac', chroma: '4:2:0', bitDepth: 8, playableIn: 'all' });
    expect(found.measures.bitrateBps).toBeGreaterThan(0);
  });

  it('tells 4:4:4 of 10 bits, which no browser shows', async () => {
    const clip = join(folder, '444.flv');
    await makeClip(clip, { seconds: 5, gopFrames: 25, extra: ['-pix_fmt', 'yuv444p10le', '-profile:v', 'high444'] });
    const { id, url } = await streamFor('ten-bit');
    await send(clip, url, 'at-once');
    const found = await told(id, 'the format', ({ measures }) => measures.bitDepth !== null);
    expect(found.issues.find(({ code }) => code === 'profile-unplayable')?.reason).toBe('Browsers do not play H.264 in 4:4:4 of 10 bits');
    expect(found.measures).toMatchObject({ videoProfile: 'High 4:4:4 Predictive', playableIn: 'none' });
  });

  it('tells within seconds that there is no picture though the sound goes on', async () => {
    const [picture, clip] = [join(folder, 'short.flv'), join(folder, 'no-picture.flv')];
    await makeClip(picture, { seconds: 2, gopFrames: 25, audio: false });
    const sound = ['-f', 'lavfi', '-i', 'sine=duration=30', '-map', '0:v', '-map', '1:a', '-c:v', 'copy', '-c:a', 'aac'];
    await ffmpeg('-i', picture, ...sound, clip);
    const { id, url } = await streamFor('no-picture');
    await send(clip, url, 'real-time');
    const found = await told(id, 'the missing picture to be told', (now) => codes(now).includes('no-picture'));
    expect(found.status).toBe('bad');
    expect(found.issues[0]).toMatchObject({ code: 'no-picture', severity: 'error' });
    expect(found.issues[0]!.reason).toMatch(/^No picture for \d+ s while the sound goes on$/);
    expect(found.measures.noPictureMs).toBeGreaterThanOrEqual(3_000);
  });

  it('counts how often the encoder reconnected', async () => {
    const clip = join(folder, 'brief.flv');
    await makeClip(clip, { seconds: 3, gopFrames: 25 });
    const { id, url } = await streamFor('flapping');
    for (let i = 0; i < 3; i++) {
      const encoder = await send(clip, url, 'at-once');
      encoder.stdin?.end();
      await once(encoder, 'exit');
    }
    await send(clip, url, 'at-once');
    const found = await told(id, 'the reconnects to be counted', ({ measures }) => measures.reconnectsLastHour === 3);
    const again = await told(id, 'the last epoch to be judged', (now) => codes(now).includes('reconnecting'));
    expect(again.issues.find(({ code }) => code === 'reconnecting')).toMatchObject({
      ...{ severity: 'warning', reason: 'The source reconnected 3 times within an hour' },
    });
    expect(found.measures.reconnectsLastHour).toBe(3);
  });
});
