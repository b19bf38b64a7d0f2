import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LookupFunction } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ModelProbe } from '../../src/core/inference/model-probe.js';
import { OrtModels } from '../../src/core/inference/ort-models.js';
import { ModelCatalogue } from '../../src/core/models/model-catalogue.js';
import { modelEntry, type ModelEntry } from '../../src/core/config/model-entry.js';
import { ModelRegistry, type RegistryOptions } from '../../src/core/models/model-registry.js';
import type { PullProgress } from '../../src/core/models/pull-progress.js';
import { onnxModel, onnxNode, onnxTensor } from '../../src/core/plugin-testing/index.js';
import { answers, cutAfter, FileServer, type Misconduct } from '../support/models/file-server.js';
import { until } from '../support/until.js';

/** A real model of some 400 kB: y = x + w. */
const WEIGHTS = 100_000;
const modelOf = (weight: number): Buffer =>
  onnxModel({
    nodes: [onnxNode('Add', ['x', 'w'], ['y'])],
    tensors: [onnxTensor('w', [WEIGHTS], new Float32Array(WEIGHTS).fill(weight))],
    inputs: [{ name: 'x', dims: ['batch', 1] }],
    outputs: [{ name: 'y', dims: ['batch', WEIGHTS] }],
  });
const content = modelOf(1.5);

describe(ModelRegistry.name, () => {
  let folder: string;
  let server: FileServer;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vedette-models-'));
    server = await FileServer.start(content);
  });
  afterEach(async () => {
    await server.stop();
    await rm(folder, { recursive: true });
  });

  const entry = (changes: Partial<Record<keyof ModelEntry, unknown>> = {}): ModelEntry =>
    modelEntry.parse({
      id: 'adder',
      url: server.url,
      sha256: server.sha256,
      sizeBytes: server.content.length,
      licence: { name: 'MIT' },
      ...changes,
    });
  function registryOf(entries: readonly ModelEntry[], options: Partial<RegistryOptions> = {}): ModelRegistry {
    const probe = new ModelProbe({ folder: join(folder, 'probes'), timeoutMs: 20_000, memoryBytes: 2 ** 30 });
    const catalogue = new ModelCatalogue(join(folder, 'models'), entries, join(folder, 'built-in'));
    return new ModelRegistry(catalogue, probe, {
      allowPrivateHosts: true,
      allowHttp: false,
      stallTimeoutMs: 10_000,
      attempts: 3,
      backoffMs: 1,
      ...options,
    });
  }
  const cut = (bytes: number, of = content): Misconduct => cutAfter(server, of.subarray(0, bytes), join(folder, 'models', 'adder.part'));
  const files = async (): Promise<string[]> => (await readdir(join(folder, 'models')).catch(() => [])).sort();

  it('fetches a model, says how far it is, tries it, and lets analyzers name it by its id', async () => {
    const registry = registryOf([entry({ labels: ['a'] })]);
    expect(await registry.get('adder')).toMatchObject({ state: 'absent', origin: 'config', progress: null, error: null, probe: null });
    const seen: PullProgress[] = [];
    const pulled = await registry.pull('adder', { onProgress: (progress) => seen.push(progress) });
    expect(pulled).toMatchObject({
      state: 'ready',
      sizeBytes: content.length,
      labels: ['a'],
      error: null,
      probe: { refusal: null, sha256: server.sha256 },
    });
    expect(seen.at(-1)).toMatchObject({ receivedBytes: content.length, totalBytes: content.length });
    expect(await files()).toEqual(['adder.onnx']);
    const models = new OrtModels(registry.catalogue.folders, { registered: (id) => registry.catalogue.resolve(id) });
    const model = await models.open('adder');
    const { y } = await model.run({ x: { type: 'float32', dims: [1, 1], data: Float32Array.of(1) } });
    expect(y?.data[0]).toBe(2.5);
    await model.dispose();
    await registry.pull('adder');
    expect(server.requests).toHaveLength(1);
  });

  it('tells which model was not fetched, and holds a fetched one against its checksum', async () => {
    const registry = registryOf([entry()]);
    const models = new OrtModels(registry.catalogue.folders, { registered: (id) => registry.catalogue.resolve(id) });
    await expect(models.open('adder')).rejects.toMatchObject({ code: 'VD_MODEL_NOT_PULLED' });
    await registry.pull('adder');
    await writeFile(join(folder, 'models', 'adder.onnx'), modelOf(9));
    await expect(models.open('adder')).rejects.toMatchObject({ code: 'VD_MODEL_CHECKSUM' });
    await expect(registry.verify('adder')).rejects.toMatchObject({ code: 'VD_MODEL_CHECKSUM' });
    await writeFile(join(folder, 'models', 'adder.onnx'), 'short');
    expect(await registry.get('adder')).toMatchObject({ state: 'damaged' });
    expect(await registry.pull('adder')).toMatchObject({ state: 'ready' });
    expect(await registry.verify('adder')).toMatchObject({ sha256: server.sha256, precision: 'float32' });
  });

  it('goes on after cut connections where each ended', async () => {
    server.misconduct = [cut(100_000)];
    expect(await registryOf([entry()]).pull('adder')).toMatchObject({ state: 'ready' });
    expect(server.requests).toEqual([
      { range: undefined, ifRange: undefined },
      { range: 'bytes=100000-', ifRange: '"one"' },
    ]);
  });

  it('goes on after its own process was replaced', async () => {
    server.misconduct = [cut(250_000)];
    await expect(registryOf([entry()], { attempts: 1 }).pull('adder')).rejects.toMatchObject({
      code: 'VD_MODEL_DOWNLOAD_FAILED',
      retryable: true,
    });
    const later = registryOf([entry()]);
    expect(await later.get('adder')).toMatchObject({ state: 'partial', progress: { receivedBytes: 250_000, totalBytes: content.length } });
    await later.pull('adder');
    expect(server.requests.at(-1)).toEqual({ range: 'bytes=250000-', ifRange: '"one"' });
    expect(await files()).toEqual(['adder.onnx']);
  });

  it('begins anew where the server has no ranges, and where its file has changed', async () => {
    server.misconduct = [cut(100_000)];
    server.honoursRanges = false;
    expect(await registryOf([entry()]).pull('adder')).toMatchObject({ state: 'ready' });
    await rm(join(folder, 'models'), { recursive: true });
    server.honoursRanges = true;
    server.misconduct = [cut(100_000), () => ((server.etag = '"two"'), false)];
    expect(await registryOf([entry()]).pull('adder')).toMatchObject({ state: 'ready' });
    expect(await readFile(join(folder, 'models', 'adder.onnx'))).toEqual(content);
  });

  it('fetches it once more in one piece when what was put together is not it', async () => {
    const other = modelOf(7);
    server.misconduct = [cut(200_000, other)];
    expect(await registryOf([entry()]).pull('adder')).toMatchObject({ state: 'ready' });
    expect(server.requests.map(({ range }) => range)).toEqual([undefined, 'bytes=200000-', undefined]);
  });

  it('throws away a part that the server has less of', async () => {
    server.misconduct = [cut(200_000), answers(416)];
    expect(await registryOf([entry()]).pull('adder')).toMatchObject({ state: 'ready' });
    expect(server.requests.map(({ range }) => range)).toEqual([undefined, 'bytes=200000-', undefined]);
  });

  it.each<[string, string, (server: FileServer) => { entry?: Partial<Record<keyof ModelEntry, unknown>>; content?: Buffer }, string]>([
    [
      'another file of the same size',
      'VD_MODEL_CHECKSUM',
      () => ({ content: modelOf(3), entry: { sha256: 'a'.repeat(64) } }),
      'expected a',
    ],
    ['a file of another size', 'VD_MODEL_SIZE', () => ({ entry: { sizeBytes: 5 } }), 'the entry says 5'],
    ['what is no model', 'VD_MODEL_NOT_ONNX', () => ({ content: Buffer.from('<html>please sign in</html>') }), 'not'],
  ])('refuses %s, and keeps nothing of it', async (_, code, spoil, detail) => {
    const { entry: changes, content: instead } = spoil(server);
    if (instead !== undefined) server.content = instead;
    const registry = registryOf([entry(changes)]);
    await expect(registry.pull('adder')).rejects.toMatchObject({ code, message: expect.stringContaining(detail) });
    expect(await files()).toEqual([]);
    expect(await registry.get('adder')).toMatchObject({ state: 'absent', error: { code } });
  });

  it('stops at the size of its entry when more comes than the server said', async () => {
    server.misconduct = [
      (_, response) => {
        response.writeHead(200);
        const more = (): boolean => response.destroyed || (response.write(Buffer.alloc(64 * 1024)), setImmediate(more), true);
        return more();
      },
    ];
    await expect(registryOf([entry()]).pull('adder')).rejects.toMatchObject({ code: 'VD_MODEL_SIZE' });
  });

  it.each([
    ['a redirect that leads back to itself', answers(302, { location: '/model.onnx' }), 'VD_MODEL_DOWNLOAD_REFUSED', 'more than 5 times'],
    ['a missing file', answers(404), 'VD_MODEL_DOWNLOAD_REFUSED', '404'],
    ['a packed file', answers(200, { 'content-encoding': 'gzip' }), 'VD_MODEL_DOWNLOAD_REFUSED', 'gzip'],
    ['a redirect to another protocol', answers(302, { location: 'file:///etc/passwd' }), 'VD_MODEL_ADDRESS_REFUSED', 'neither'],
    ['a redirect to an address without TLS', answers(302, { location: 'http://models.example/m' }), 'VD_MODEL_ADDRESS_REFUSED', 'no TLS'],
    ['a redirect with a password', answers(302, { location: 'http://u:secret@127.0.0.1/' }), 'VD_MODEL_ADDRESS_REFUSED', 'password'],
    ['a redirect to nowhere', answers(301, {}), 'VD_MODEL_DOWNLOAD_FAILED', 'without an address'],
    ['a server that is overloaded', answers(503), 'VD_MODEL_DOWNLOAD_FAILED', '503'],
  ])('gives up on %s', async (_, misconduct, code, detail) => {
    server.misconduct = Array.from({ length: 20 }, () => misconduct);
    const refusal = registryOf([entry()]).pull('adder');
    await expect(refusal).rejects.toMatchObject({ code, message: expect.stringContaining(detail) });
    await expect(refusal).rejects.not.toMatchObject({ message: expect.stringContaining('secret') });
  });

  it('follows a redirect', async () => {
    server.misconduct = [answers(307, { location: `http://127.0.0.1:${server.port}/elsewhere?signature=secret` })];
    expect(await registryOf([entry()]).pull('adder')).toMatchObject({ state: 'ready' });
  });

  it('gives up on a server that only drips', async () => {
    const drip = (response: import('node:http').ServerResponse): void => {
      if (response.destroyed) return;
      response.write(Buffer.alloc(1));
      setTimeout(() => drip(response), 10);
    };
    server.misconduct = [
      (_, response) => (response.writeHead(200, { 'content-length': content.length }), drip(response), true),
      () => true,
    ];
    await expect(registryOf([entry()], { attempts: 2, stallTimeoutMs: 200 }).pull('adder')).rejects.toMatchObject({
      code: 'VD_MODEL_DOWNLOAD_FAILED',
      message: expect.stringContaining('sent 0 bytes in 200 ms'),
    });
    expect(server.requests).toHaveLength(2);
  });

  it('begins nothing that the disk has no room for, and keeps what it had', async () => {
    server.misconduct = [cut(100_000)];
    const sizes = [2 ** 40, 1_000];
    const parts = { freeBytes: () => Promise.resolve(sizes.shift() ?? 0) };
    await expect(registryOf([entry()], { parts }).pull('adder')).rejects.toMatchObject({ code: 'VD_MODEL_NO_SPACE' });
    expect(await registryOf([entry()]).get('adder')).toMatchObject({ state: 'partial', progress: { receivedBytes: 100_000 } });
  });

  it('fetches once what is asked for several times, here and by another process', async () => {
    let go: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (go = resolve));
    server.misconduct = [
      (_, response) => (void held.then(() => response.writeHead(200, { 'content-length': content.length }).end(content)), true),
    ];
    const registry = registryOf([entry()]);
    const pulls = [registry.pull('adder'), registry.pull('adder'), registry.pull('adder')];
    await until('the request', () => server.requests.length === 1);
    expect(await registry.get('adder')).toMatchObject({ state: 'pulling' });
    const elsewhere = registryOf([entry()]);
    expect(await elsewhere.get('adder')).toMatchObject({ state: 'pulling' });
    await expect(elsewhere.pull('adder')).rejects.toMatchObject({ code: 'VD_MODEL_BUSY' });
    go();
    expect((await Promise.all(pulls)).map(({ state }) => state)).toEqual(['ready', 'ready', 'ready']);
    expect(server.requests).toHaveLength(1);
  });

  it('keeps what it has when it is stopped', async () => {
    server.misconduct = [
      (_, response) => {
        response.writeHead(200, { 'content-length': content.length, etag: server.etag });
        response.write(content.subarray(0, 50_000));
        return true;
      },
    ];
    const registry = registryOf([entry()]);
    const stop = new AbortController();
    const pull = registry.pull('adder', { signal: stop.signal });
    const outcome = expect(pull).rejects.toMatchObject({ code: 'VD_MODEL_STOPPED' });
    await until('the first bytes', async () => (await registry.get('adder')).progress?.receivedBytes === 50_000);
    stop.abort();
    await outcome;
    expect(await registry.get('adder')).toMatchObject({ state: 'partial' });
    expect(await registry.pull('adder')).toMatchObject({ state: 'ready' });
    expect(server.requests[1]).toMatchObject({ range: expect.stringMatching(/^bytes=\d+-$/) });
  });

  it('asks for a licence to be accepted where its owner wants that', async () => {
    const registry = registryOf([entry({ licence: { name: 'AGPL-3.0', url: 'https://licences.example/agpl', mustBeAccepted: true } })]);
    await expect(registry.pull('adder')).rejects.toMatchObject({
      code: 'VD_MODEL_LICENCE',
      message: expect.stringContaining('https://licences.example/agpl'),
    });
    expect(server.requests).toEqual([]);
    expect(await registry.pull('adder', { acceptLicence: true })).toMatchObject({ state: 'ready' });
  });

  describe('private addresses', () => {
    const strict = { allowPrivateHosts: false, allowHttp: true };

    it.each([
      'http://127.0.0.1:1/m',
      'http://[::1]:1/m',
      'http://169.254.169.254/latest',
      'http://10.0.0.7/m',
      'http://[::ffff:192.168.1.1]/m',
      'http://0x7f.1/m',
      'http://2130706433/m',
    ])('refuses %s without connecting', async (url) => {
      const registry = registryOf([entry({ url })], strict);
      await expect(registry.pull('adder')).rejects.toMatchObject({ code: 'VD_MODEL_ADDRESS_REFUSED' });
      expect(server.requests).toEqual([]);
    });

    it('refuses names that lead to one, also after a redirect', async () => {
      const resolve: LookupFunction = (_, options, callback) =>
        options.all === true ? callback(null, [{ address: '127.0.0.1', family: 4 }]) : callback(null, '127.0.0.1', 4);
      const named = entry({ url: `http://models.example:${server.port}/model.onnx` });
      await expect(registryOf([named], { ...strict, parts: { resolve } }).pull('adder')).rejects.toMatchObject({
        code: 'VD_MODEL_ADDRESS_REFUSED',
        message: expect.stringContaining('127.0.0.1'),
      });
      expect(server.requests).toEqual([]);
      expect(await registryOf([named], { ...strict, allowPrivateHosts: true, parts: { resolve } }).pull('adder')).toMatchObject({
        state: 'ready',
      });
    });

    it('refuses an address without TLS that is not on this machine', async () => {
      const registry = registryOf([entry({ url: 'http://models.example/m.onnx' })]);
      await expect(registry.pull('adder')).rejects.toMatchObject({
        code: 'VD_MODEL_ADDRESS_REFUSED',
        message: expect.stringContaining('TLS'),
      });
    });
  });

  describe('the catalogue', () => {
    it('keeps what is added, over restarts, and lets go of it', async () => {
      const registry = registryOf([]);
      expect(await registry.add(entry())).toMatchObject({ id: 'adder', origin: 'added', state: 'absent' });
      await expect(registry.add(entry())).rejects.toMatchObject({ code: 'VD_MODEL_ID_TAKEN' });
      const later = registryOf([]);
      await later.pull('adder');
      expect((await later.list()).map(({ id, state }) => [id, state])).toEqual([['adder', 'ready']]);
      await later.remove('adder');
      expect(await later.list()).toEqual([]);
      await expect(later.pull('adder')).rejects.toMatchObject({ code: 'VD_MODEL_UNKNOWN' });
      expect(existsSync(join(folder, 'models', 'adder.onnx'))).toBe(false);
    });

    it('lists bare files, which nobody can fetch, and refuses one that it cannot read', async () => {
      const registry = registryOf([]);
      await registry.add(entry());
      await writeFile(join(folder, 'models', 'mine.onnx'), content);
      expect(await registry.get('mine')).toMatchObject({ origin: 'file', state: 'ready', sizeBytes: content.length, sha256: null });
      await rm(join(folder, 'models', 'mine.onnx'));
      await expect(registry.get('mine')).rejects.toMatchObject({ code: 'VD_MODEL_UNKNOWN' });
      await writeFile(join(folder, 'models', 'catalogue.json'), '{"models":[{"id":"../x"}]}');
      await expect(registry.list()).rejects.toMatchObject({
        code: 'VD_MODEL_CATALOGUE_INVALID',
        message: expect.stringContaining('models.0.id'),
      });
    });

    it('has the models of the package, which stay', async () => {
      const registry = new ModelRegistry(
        new ModelCatalogue(join(folder, 'models'), []),
        new ModelProbe({ folder: join(folder, 'probes'), timeoutMs: 20_000, memoryBytes: 2 ** 30 }),
        {
          ...{ allowPrivateHosts: false, allowHttp: false, stallTimeoutMs: 1_000, attempts: 1, backoffMs: 1 },
        },
      );
      for (const model of await registry.list()) {
        expect([model.id, model.origin, model.state]).toEqual([model.id, 'built-in', 'ready']);
        expect((await registry.verify(model.id)).sizeBytes).toBe(model.sizeBytes);
        expect((await registry.probe(model.id)).verdict.refusal).toBeNull();
      }
      await expect(registry.remove('demo-shapes')).rejects.toMatchObject({ code: 'VD_MODEL_NOT_REMOVABLE' });
      expect(await registry.pull('demo-shapes')).toMatchObject({ state: 'ready' });
    });

    it('cannot fetch what has no address', async () => {
      const registry = registryOf([]);
      await registry.add(entry());
      await registry.catalogue.add({ id: 'brought', sha256: 'b'.repeat(64), sizeBytes: 9, task: 'x' });
      await expect(registry.pull('brought')).rejects.toMatchObject({ code: 'VD_MODEL_NOT_FETCHABLE' });
      await expect(registry.verify('brought')).rejects.toMatchObject({ code: 'VD_MODEL_NOT_PULLED' });
    });
  });
});
