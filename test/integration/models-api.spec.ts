import { randomUUID } from 'node:crypto';
import { readdir, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as models from '../../src/core/wire/models.wire.js';
import * as wire from '../../src/core/wire/wire.js';
import { onnxModel, onnxNode, onnxTensor } from '../../src/core/plugin-testing/index.js';
import { ApiApp } from '../support/api-app.js';
import { FileServer } from '../support/models/file-server.js';
import { until } from '../support/until.js';

const content = onnxModel({
  nodes: [onnxNode('Add', ['x', 'w'], ['y'])],
  tensors: [onnxTensor('w', [5_000], new Float32Array(5_000))],
  inputs: [{ name: 'x', dims: ['batch', 1] }],
  outputs: [{ name: 'y', dims: ['batch', 5_000] }],
});

describe('REST for models', () => {
  let api: ApiApp;
  let server: FileServer;
  let cookie: string;
  let viewer: string;
  beforeAll(async () => {
    server = await FileServer.start(content);
    api = await ApiApp.start({ models: { allowPrivateHosts: true, backoff: '1ms', attempts: 1 } });
    cookie = await api.signIn();
    viewer = (await api.apiToken('viewer')).token;
  });
  afterAll(async () => {
    await api.stop();
    await server.stop();
  });

  const body = (changes: Record<string, unknown> = {}): Record<string, unknown> => ({
    ...{ id: 'adder', url: `${server.url}?signature=secret`, sha256: server.sha256, sizeBytes: content.length },
    ...{ licence: { name: 'AGPL-3.0', mustBeAccepted: true }, labels: ['sum'], ...changes },
  });
  async function model(method: string, path: string, options: Parameters<ApiApp['call']>[2] = {}): Promise<models.ModelWire> {
    const response = await api.call(method, `/api/models${path}`, { cookie, ...options });
    const text = await response.text();
    expect([method, path, response.ok, text]).toEqual([method, path, true, expect.any(String)]);
    return models.modelWire.strict().parse(JSON.parse(text));
  }
  async function refusal(method: string, path: string, options: Parameters<ApiApp['call']>[2] = {}): Promise<[number, string]> {
    const response = await api.call(method, `/api/models${path}`, { cookie, ...options });
    return [response.status, wire.problemWire.parse(await response.json()).code];
  }
  const upload = (id: string, bytes: Buffer, headers: Record<string, string> = {}): Promise<Response> =>
    fetch(`${api.url}/api/models/${id}/file`, {
      method: 'PUT',
      headers: { cookie, origin: api.url, 'content-type': 'application/octet-stream', ...headers },
      body: new Uint8Array(bytes),
    });

  it('lists the models of the package, to viewers too', async () => {
    const page = wire.pageOf(models.modelWire.strict()).parse(await (await api.call('GET', '/api/models', { bearer: viewer })).json());
    expect(page.items.find(({ id }) => id === 'demo-shapes')).toMatchObject({
      origin: 'built-in',
      state: 'ready',
      labels: ['red', 'green', 'blue'],
    });
  });

  it('registers, fetches, verifies and removes a model', async () => {
    expect(await model('POST', '', { body: body() })).toMatchObject({ id: 'adder', origin: 'added', state: 'absent', title: 'adder' });
    expect(await refusal('POST', '', { body: body() })).toEqual([409, 'VD_MODEL_ID_TAKEN']);
    expect(await refusal('POST', '/adder/pull', { body: {} })).toEqual([409, 'VD_MODEL_LICENCE']);
    await model('POST', '/adder/pull', { body: { acceptLicence: true } });
    await until('the model', async () => (await model('GET', '/adder')).state === 'ready');
    expect(await model('POST', '/adder/verify')).toMatchObject({
      probe: { passed: true, inputs: [{ name: 'x', type: 'float32', dims: [-1, 1] }] },
    });
    expect((await model('GET', '/adder')).url).toContain('signature');
    expect((await model('GET', '/adder', { cookie: '', bearer: viewer })).url).toBeNull();
    expect((await api.call('DELETE', '/api/models/adder', { cookie })).status).toBe(204);
    expect(await refusal('GET', '/adder')).toEqual([404, 'VD_MODEL_UNKNOWN']);
    const { rows } = await api.sql.query<{ action: string }>(`SELECT action FROM audit WHERE target = 'adder' ORDER BY id`);
    expect(rows.map(({ action }) => action)).toEqual(['model.add', 'model.pull', 'model.verify', 'model.remove']);
  });

  it('tells why a pull failed', async () => {
    await model('POST', '', { body: body({ id: 'wrong', sha256: 'f'.repeat(64), licence: { name: 'MIT' } }) });
    await model('POST', '/wrong/pull', { body: {} });
    await until('the failure', async () => (await model('GET', '/wrong')).error?.code === 'VD_MODEL_CHECKSUM');
    expect((await api.call('DELETE', '/api/models/wrong/pull', { cookie })).status).toBe(204);
  });

  it('takes a file that somebody brings, whole or in pieces, and a newer one after it', async () => {
    const whole = models.uploadWire.parse(await (await upload('mine', content)).json());
    expect(whole).toMatchObject({
      receivedBytes: content.length,
      model: { origin: 'uploaded', state: 'ready', sha256: server.sha256, probe: { passed: true } },
    });
    const half = 12_000;
    const range = (first: number, last: number): Record<string, string> => ({
      'content-range': `bytes ${first}-${last}/${content.length}`,
    });
    const first = await upload('pieces', content.subarray(0, half), range(0, half - 1));
    expect(models.uploadWire.parse(await first.json())).toEqual({ receivedBytes: half, totalBytes: content.length, model: null });
    const gap = await upload('pieces', content.subarray(half + 1), range(half + 1, content.length - 1));
    expect([gap.status, ((await gap.json()) as { code: string }).code]).toEqual([409, 'VD_MODEL_UPLOAD_OFFSET']);
    const rest = await upload('pieces', content.subarray(half), range(half, content.length - 1));
    expect(models.uploadWire.parse(await rest.json()).model).toMatchObject({ id: 'pieces', state: 'ready' });
    expect((await upload('pieces', content)).status).toBe(200);
    expect((await upload('demo-shapes', content)).status).toBe(409);
  });

  it.each<[string, number, Record<string, string>, string]>([
    ['what is no model', 422, {}, 'VD_MODEL_NOT_ONNX'],
    ['what is too large', 422, { 'content-range': `bytes 0-4/${2 ** 31}` }, 'VD_MODEL_TOO_LARGE'],
    ['a piece that is not one', 400, { 'content-range': 'bytes 5-4/3' }, 'VD_API_INVALID'],
    ['what is not said to be a file', 400, { 'content-type': 'text/plain' }, 'VD_API_INVALID'],
  ])('refuses %s as an upload', async (_, status, headers, code) => {
    const response = await upload('bad', Buffer.from('hello'), headers);
    expect([response.status, ((await response.json()) as { code: string }).code]).toEqual([status, code]);
    expect(await refusal('GET', '/bad')).toEqual([404, 'VD_MODEL_UNKNOWN']);
  });

  it('lets viewers change nothing', async () => {
    const asViewer = { cookie: '', bearer: viewer };
    expect((await api.call('POST', '/api/models', { ...asViewer, body: body() })).status).toBe(403);
    expect((await api.call('POST', '/api/models/demo-shapes/pull', { ...asViewer, body: {} })).status).toBe(403);
    expect((await api.call('DELETE', '/api/models/demo-shapes', asViewer)).status).toBe(403);
    expect(
      (await fetch(`${api.url}/api/models/x/file`, { method: 'PUT', headers: { authorization: `Bearer ${viewer}` }, body: 'x' })).status,
    ).toBe(403);
  });

  it('keeps every one of many entries that come at once', async () => {
    const ids = Array.from({ length: 12 }, (_, i) => `at-once-${i}`);
    await Promise.all(ids.map((id) => model('POST', '', { body: body({ id }) })));
    const page = wire.pageOf(models.modelWire).parse(await (await api.call('GET', '/api/models', { cookie })).json());
    expect(page.items.map(({ id }) => id).filter((id) => id.startsWith('at-once-'))).toEqual(ids.sort());
    const same = await Promise.all(
      Array.from({ length: 3 }, () => api.call('POST', '/api/models', { cookie, body: body({ id: 'only-once' }) })),
    );
    expect(same.map(({ status }) => status).sort()).toEqual([201, 409, 409]);
  });

  it('keeps nothing of an upload that cannot be gone on with', async () => {
    const folder = join(api.config.dataDir, 'models');
    const range = (first: number, last: number): Record<string, string> => ({
      'content-range': `bytes ${first}-${last}/${content.length}`,
    });
    const left = async (id: string): Promise<number[]> =>
      Promise.all(
        (await readdir(folder)).filter((name) => name.startsWith(`${id}.part`)).map(async (name) => (await stat(join(folder, name))).size),
      );
    expect((await upload('whole', Buffer.from('no model'))).status).toBe(422);
    expect(await left('whole')).toEqual([]);

    await upload('longer', content.subarray(0, 100), range(0, 99));
    const tooLong = await upload('longer', content.subarray(100, 300), range(100, 199));
    expect([tooLong.status, wire.problemWire.parse(await tooLong.json())]).toEqual([
      409,
      expect.objectContaining({ code: 'VD_MODEL_UPLOAD_OFFSET', detail: expect.stringContaining('longer has 100 bytes so far') as string }),
    ]);
    expect(await left('longer')).toEqual([100]);

    const forgotten = (await readdir(folder)).find((name) => name.startsWith('longer.part')) ?? '';
    await utimes(join(folder, forgotten), new Date(0), new Date(0));
    await upload('whole', Buffer.from('no model'));
    expect(await left('longer')).toEqual([]);
  });

  it.each(['../x', 'A', 'x.onnx', 'a..b', '%2e%2e%2fx'])('refuses the id %j', async (id) => {
    expect((await api.call('POST', '/api/models', { cookie, body: body({ id }) })).status).toBe(400);
    expect([400, 404]).toContain((await upload(id, content)).status);
  });

  it('refuses an address with a password', async () => {
    expect(await refusal('POST', '', { body: body({ id: 'leaky', url: 'https://u:p@models.example/m.onnx' }) })).toEqual([
      400,
      'VD_API_INVALID',
    ]);
  });

  it('says what models run on, by worker, and what they cannot run on', async () => {
    const inference = {
      runtime: '1.30.0',
      providers: [
        { provider: 'cuda', usable: false, reason: 'no such device' },
        { provider: 'cpu', usable: true, reason: null },
      ],
    };
    const insert = `INSERT INTO instances (id, role, host, pid, version, detail) VALUES ($1, 'worker', 'gpu-1', 7, '0.1.0', $2)`;
    await api.sql.query(insert, [randomUUID(), JSON.stringify({ inference })]);
    await api.sql.query(insert, [randomUUID(), JSON.stringify({ inference: null })]);
    const system = wire.systemWire.parse(await (await api.call('GET', '/api/system', { cookie })).json());
    expect(system.inference).toEqual([{ instanceId: expect.any(String), host: 'gpu-1', ...inference }]);
    expect(system.problems).toContain('Models cannot run on cuda on gpu-1: no such device');
  });
});
