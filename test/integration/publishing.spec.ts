import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { rtmpConfigSchema } from '../../src/adapters/rtmp/config.js';
import { RtmpListener } from '../../src/adapters/rtmp/rtmp-listener.js';
import { makeCertificate } from '../../src/adapters/rtmp/testing/certificates.js';
import { exitOf } from '../../src/adapters/rtmp/testing/ffmpeg.js';
import { publishRefusalWire, type PublishRefusalWire } from '../../src/core/wire/sources.wire.js';
import { newStreamWire, pageOf, rotatedKeyWire, streamDetailWire, streamKeyWire } from '../../src/core/wire/wire.js';
import { ApiApp } from '../support/api-app.js';
import { LiveSocket } from '../support/api/live-socket.js';
import { makeClip } from '../support/media/ffmpeg.js';
import { RestReader } from '../support/rest-reader.js';
import { until } from '../support/until.js';
import { TestIngestNode } from './support/ingest-node.js';

/** From an encoder that speaks RTMP or RTMPS to what the operator is shown. */
describe('publishing', () => {
  let folder: string;
  let api: ApiApp;
  let cookie: string;
  let rest: RestReader;
  let node: TestIngestNode;
  let listener: RtmpListener;
  const encoders: ChildProcess[] = [];
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vd-publishing-'));
    await makeClip(join(folder, 'clip.flv'), { seconds: 30 });
    api = await ApiApp.start();
    cookie = await api.signIn();
    rest = new RestReader(api, cookie);
    node = await TestIngestNode.start({ databaseUrl: api.database.url, name: 'one' });
    const tls = { ...(await makeCertificate(folder, 'studio')), port: 0 };
    const config = rtmpConfigSchema.parse({ host: '127.0.0.1', port: 0, tls, silenceTimeout: '1s' });
    listener = await RtmpListener.open(config, node.gate, node.logger, new AbortController().signal);
  });
  afterEach(() => {
    for (const encoder of encoders.splice(0)) encoder.kill('SIGKILL');
  });
  afterAll(async () => {
    await listener.stop('over');
    await node.stop();
    await api.stop();
    await rm(folder, { recursive: true, force: true });
  });

  async function makeStream(name: string, sourceConfig = {}): Promise<{ id: string; keyId: string; key: string }> {
    const body = { name, adapterId: 'rtmp', sourceConfig };
    const { id, key } = newStreamWire.parse(await (await api.call('POST', '/api/streams', { cookie, body })).json());
    return { id, keyId: key!.id, key: key!.key };
  }
  function publish(key: string, { scheme = 'rtmp', app = 'live' } = {}): ChildProcess {
    const port = scheme === 'rtmp' ? listener.port : listener.tlsPort;
    const url = `${scheme}://127.0.0.1:${port}/${app}/${key}`;
    const encoder = spawn('ffmpeg', ['-v', 'error', '-nostdin', '-re', '-i', join(folder, 'clip.flv'), '-c', 'copy', '-f', 'flv', url], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    encoders.push(encoder);
    return encoder;
  }
  const streamOf = (id: string) => rest.get(`/api/streams/${id}`, streamDetailWire);
  const isLive = (id: string) => until('it to be live', async () => (await streamOf(id)).state === 'live');
  const refusals = async (): Promise<PublishRefusalWire[]> => (await rest.get('/api/sources/refusals', pageOf(publishRefusalWire))).items;

  it('by RTMP and by RTMPS is let in, and leaves when and from where each key was used last', async () => {
    for (const scheme of ['rtmp', 'rtmps']) {
      const { id, key } = await makeStream(`by-${scheme}`);
      publish(key, { scheme });
      await isLive(id);
      const { items } = await rest.get(`/api/streams/${id}/keys`, pageOf(streamKeyWire));
      expect(items).toMatchObject([{ lastUsedAt: expect.any(String), lastAddress: '127.0.0.1' }]);
    }
  });

  it('with a wrong key is told to the operator by itself: who, by which application, how the key looked, what to do', async () => {
    const operator = new LiveSocket(api.url, { cookie, origin: api.url });
    await operator.subscribe(['refusals']);
    const wrong = 'vd_abcdefghijklmnopqrstuvwxyz2345';
    const { code, errors } = await exitOf(publish(wrong));
    expect(code).not.toBe(0);
    expect(errors).toContain('unknown, revoked or missing');
    const [message] = await until('the news', () => (operator.of('publish.refused').length > 0 ? operator.of('publish.refused') : null));
    expect(message?.refusals).toMatchObject([
      { address: '127.0.0.1', code: 'VD_INGEST_KEY_UNKNOWN', app: 'live', keyHint: 'vd_…, 33 characters', streamId: null, count: 1 },
    ]);
    expect(message?.refusals[0]?.fix).toContain('OBS: Settings, Stream');
    await exitOf(publish(wrong, { app: 'studio' }));
    await until('the other one', async () =>
      (await refusals()).find(({ app, code: of }) => app === 'studio' && of === 'VD_RTMP_APP_UNKNOWN'),
    );
    const { rows } = await api.sql.query<{ text: string }>(
      'SELECT r::text AS text FROM publish_refusals r UNION ALL SELECT f::text FROM feed f',
    );
    expect(rows.filter(({ text }) => text.includes(wrong))).toEqual([]);
    expect(JSON.stringify(node.logger.lines)).not.toContain(wrong);
    operator.socket.terminate();
  });

  it('goes on with a replaced key for its time of grace, and ends with it; a refusal then names the stream', async () => {
    const { id, keyId, key } = await makeStream('replaced');
    publish(key);
    await isLive(id);
    const rotate = async (old: string, graceSeconds: number) => {
      const response = await api.call('POST', `/api/streams/${id}/keys/${old}/rotate`, { cookie, body: { graceSeconds } });
      return rotatedKeyWire.parse(await response.json());
    };
    const next = await rotate(keyId, 3600);
    await until('a segment more', async () => (await streamOf(id)).epoch?.state === 'open');
    const last = await rotate(next.id, 0);
    expect((await streamOf(id)).state).toBe('live');
    const cutOff = exitOf(encoders[0]!);
    await api.call('DELETE', `/api/streams/${id}/keys/${keyId}`, { cookie });
    await cutOff;
    expect((await exitOf(publish(next.key))).errors).toContain('unknown, revoked or missing');
    const refused = await until('the refusal', async () => (await refusals()).find(({ streamId }) => streamId === id));
    expect(refused).toMatchObject({ code: 'VD_INGEST_KEY_REVOKED', address: '127.0.0.1' });
    publish(last.key);
    await isLive(id);
  });

  it('to a stream that is published to is refused with the reason until the first encoder is gone, even without a word', async () => {
    const { id, key } = await makeStream('taken');
    const first = publish(key);
    await isLive(id);
    expect((await exitOf(publish(key))).errors).toContain('Another encoder publishes to this stream already');
    const refused = await until('the refusal', async () => (await refusals()).find(({ streamId }) => streamId === id));
    expect(refused).toMatchObject({
      code: 'VD_INGEST_STREAM_BUSY',
      reason: 'Another encoder publishes to the stream already, from 127.0.0.1',
    });
    expect((await streamOf(id)).state).toBe('live');
    first.kill('SIGSTOP');
    await until('the silence to be noticed', async () => (await streamOf(id)).state === 'retrying');
    publish(key);
    await isLive(id);
  });

  it('to a stream that is taken over at wish is let in, and two that fight are named and made to wait', async () => {
    const { id, key } = await makeStream('fought-for', { takeover: true });
    publish(key);
    await isLive(id);
    for (let times = 0; times < 2; times++) {
      const loser = exitOf(encoders.at(-1)!);
      publish(key);
      await loser;
    }
    const detail = await until('the state', async () => (await streamOf(id)).stateDetail);
    expect(detail).toContain('Two encoders fight for this stream: 127.0.0.1 and 127.0.0.1');
    expect((await exitOf(publish(key))).errors).toContain('take the stream from each other');
    await until('the refusal', async () => (await refusals()).find(({ code }) => code === 'VD_INGEST_TAKEOVER_TOO_SOON'));
  });
});
