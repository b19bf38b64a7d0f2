import { createHash } from 'node:crypto';
import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SilentLogger } from '../../../test/support/fakes/silent-logger.js';
import { onnxModel, onnxNode, onnxTensor } from '../plugin-testing/index.js';
import { ModelProbe, refusalOf, type ModelProbeOptions } from './model-probe.js';
import { OrtModels } from './ort-models.js';
import type { ProbeVerdict } from './probe-protocol.js';
import { Providers } from './providers.js';

const doubling = onnxModel({
  nodes: [onnxNode('Mul', ['x', 'two'], ['y'])],
  tensors: [onnxTensor('two', [], Float32Array.of(2))],
  inputs: [{ name: 'x', dims: ['batch', 3] }],
  outputs: [{ name: 'y', dims: ['batch', 3] }],
});
/** Repeats its picture by these factors; refuses pictures smaller than its convolution. */
const enlarging = (...factors: number[]): Buffer =>
  onnxModel({
    nodes: [onnxNode('Tile', ['x', 'times'], ['y'])],
    tensors: [onnxTensor('times', [4], BigInt64Array.from(factors, BigInt))],
    inputs: [{ name: 'x', dims: ['batch', 3, 'height', 'width'] }],
    outputs: [{ name: 'y', dims: ['n', 'c', 'h', 'w'] }],
  });
/** A constant that is only as large once the graph is optimised: the file itself stays tiny. */
const exploding = onnxModel({
  nodes: [
    onnxNode('ConstantOfShape', ['shape'], ['big']),
    onnxNode('ReduceSum', ['big'], ['sum'], { keepdims: 0 }),
    onnxNode('Add', ['x', 'sum'], ['y']),
  ],
  tensors: [onnxTensor('shape', [2], BigInt64Array.of(40_000n, 40_000n))],
  inputs: [{ name: 'x', dims: [1] }],
  outputs: [{ name: 'y', dims: [1] }],
});

describe(ModelProbe.name, () => {
  let folder: string;
  beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'vedette-probe-'))));
  afterEach(() => rm(folder, { recursive: true }));

  const probeWith = (options: Partial<ModelProbeOptions> = {}): ModelProbe =>
    new ModelProbe({ folder: join(folder, 'verdicts'), timeoutMs: 20_000, memoryBytes: 2 ** 30, ...options });
  async function subject(bytes: Buffer, name = 'model.onnx'): Promise<{ file: string; sha256: string }> {
    const file = join(folder, name);
    await writeFile(file, bytes);
    return { file, sha256: createHash('sha256').update(bytes).digest('hex') };
  }
  /** A stand-in for the child: does to its process what a hostile file might do to the real one. */
  async function childThat(does: string): Promise<string> {
    const file = join(folder, 'child.mjs');
    await writeFile(file, `process.on('message', () => undefined);\nprocess.send({ type: 'started', backends: [] });\n${does}\n`);
    return file;
  }
  const OPENED = `process.send({ type: 'opened', inputs: [], outputs: [], openMs: 1 });`;
  const refusal = (verdict: ProbeVerdict): unknown => [verdict.refusal?.code, verdict.refusal?.message];

  it('opens a model in a process of its own and runs it', async () => {
    const verdict = await probeWith().try(await subject(doubling), 'cpu');
    expect(verdict).toMatchObject({
      refusal: null,
      note: null,
      provider: 'cpu',
      inputs: [{ name: 'x', type: 'float32', dims: [-1, 3] }],
      outputs: [{ name: 'y', type: 'float32', dims: [-1, 3] }],
    });
    expect(verdict.runMs).toBeGreaterThan(0);
    expect(verdict.backends.map(({ name }) => name)).toContain('cpu');
    expect(refusalOf(verdict, 'model.onnx')).toBeNull();
  });

  it('tries a file once, also when several ask at the same time, and again only when told', async () => {
    const file = await subject(doubling);
    const [first, second, elsewhere] = await Promise.all([
      probeWith().try(file, 'cpu'),
      probeWith().try(file, 'cpu'),
      probeWith().try(file, 'cpu'),
    ]);
    expect([second?.triedAt, elsewhere?.triedAt]).toEqual([first?.triedAt, first?.triedAt]);
    const never = probeWith({ entry: await childThat('process.abort()') });
    expect((await never.try(file, 'cpu')).triedAt).toBe(first?.triedAt);
    expect(refusal(await never.try(file, 'cpu', true))).toEqual(['VD_MODEL_CRASHED', expect.stringContaining('SIGABRT')]);
    expect((await readdir(join(folder, 'verdicts'))).filter((name) => name.endsWith('.claim'))).toEqual([]);
  });

  it.each([
    ['died', '999999999', 0],
    ['fell silent', String(process.pid), 60_000],
  ])('takes over from a process that %s while it tried the file', async (_, pid, agoMs) => {
    const file = await subject(doubling);
    const probe = probeWith({ timeoutMs: 5_000 });
    await probe.try(file, 'cpu');
    const [verdict = ''] = await readdir(join(folder, 'verdicts'));
    const claim = join(folder, 'verdicts', `${verdict}.claim`);
    await rm(join(folder, 'verdicts', verdict));
    await writeFile(claim, `${hostname()} ${pid}`);
    const then = new Date(Date.now() - agoMs);
    await utimes(claim, then, then);
    expect((await probe.try(file, 'cpu')).refusal).toBeNull();
  });

  it('does not believe a verdict that it cannot read', async () => {
    const file = await subject(doubling);
    await probeWith().try(file, 'cpu');
    const [name = ''] = await readdir(join(folder, 'verdicts'));
    await writeFile(join(folder, 'verdicts', name), '{"sha256":"');
    expect(await probeWith().known(file.sha256, 'cpu')).toBeNull();
    expect((await probeWith().try(file, 'cpu')).refusal).toBeNull();
    expect(await probeWith().known(file.sha256, 'cpu')).toMatchObject({ sha256: file.sha256 });
  });

  it.each([
    ['crashes while it is opened', 'process.abort();', 'VD_MODEL_CRASHED', 'SIGABRT while the model was opened'],
    ['crashes in its first run', `${OPENED} process.kill(process.pid, 'SIGSEGV');`, 'VD_MODEL_CRASHED', 'SIGSEGV while the model was run'],
    ['ends its process', `${OPENED} process.exit(0);`, 'VD_MODEL_CRASHED', 'code 0 while the model was run'],
    ['never ends', `${OPENED} for (;;);`, 'VD_MODEL_PROBE_TIMEOUT', '1000 ms'],
    [
      'takes all memory',
      `${OPENED} const kept = []; setInterval(() => kept.push(Buffer.alloc(32 * 2 ** 20, 1)), 5);`,
      'VD_MODEL_PROBE_MEMORY',
      'the limit is',
    ],
    [
      'answers with gigabytes',
      `${OPENED} process.send({ type: 'ran', runMs: 1, outputBytes: 2 ** 31 });`,
      'VD_MODEL_PROBE_MEMORY',
      '2147483648 bytes',
    ],
  ])('refuses a file that %s', async (_, does, code, detail) => {
    const probe = probeWith({
      entry: await childThat(does),
      timeoutMs: code === 'VD_MODEL_PROBE_TIMEOUT' ? 1_000 : 20_000,
      memoryBytes: 256 * 2 ** 20,
    });
    const verdict = await probe.try(await subject(doubling), 'cpu');
    expect(refusal(verdict)).toEqual([code, expect.stringContaining(detail)]);
    expect(refusalOf(verdict, 'model.onnx')).toMatchObject({ code, fix: expect.stringMatching(/.+/) });
  });

  it('refuses a tiny file that unfolds to gigabytes', async () => {
    const verdict = await probeWith({ memoryBytes: 512 * 2 ** 20 }).try(await subject(exploding), 'cpu');
    expect(refusal(verdict)).toEqual(['VD_MODEL_PROBE_MEMORY', expect.any(String)]);
  });

  it('refuses an answer out of all proportion', async () => {
    const verdict = await probeWith({ memoryBytes: 8 * 2 ** 30 }).try(await subject(enlarging(1, 1, 150, 75)), 'cpu');
    expect(refusal(verdict)).toEqual(['VD_MODEL_PROBE_MEMORY', expect.stringContaining('bytes')]);
  });

  it('says what onnxruntime says of a file that it cannot open', async () => {
    const unknown = onnxModel({
      nodes: [onnxNode('NoSuchThing', ['x'], ['y'])],
      inputs: [{ name: 'x', dims: [1] }],
      outputs: [{ name: 'y', dims: [1] }],
    });
    expect(refusal(await probeWith().try(await subject(unknown), 'cpu'))).toEqual([
      'VD_MODEL_LOAD_FAILED',
      expect.stringContaining('NoSuchThing'),
    ]);
  });

  it('lets a file pass that only refuses zeros, and notes it', async () => {
    const gathering = onnxModel({
      nodes: [onnxNode('Reshape', ['x', 'shape'], ['y'])],
      tensors: [onnxTensor('shape', [2], BigInt64Array.of(7n, 7n))],
      inputs: [{ name: 'x', dims: ['n'] }],
      outputs: [{ name: 'y', dims: [7, 7] }],
    });
    expect(await probeWith().try(await subject(gathering), 'cpu')).toMatchObject({ refusal: null, note: expect.stringContaining('zeros') });
  });

  it('tries larger pictures where small ones are refused', async () => {
    const demanding = onnxModel({
      nodes: [onnxNode('Slice', ['x', 'from', 'to', 'axes'], ['part']), onnxNode('Reshape', ['part', 'shape'], ['y'])],
      tensors: [
        ...[
          onnxTensor('from', [2], BigInt64Array.of(0n, 0n)),
          onnxTensor('to', [2], BigInt64Array.of(100n, 100n)),
          onnxTensor('axes', [2], BigInt64Array.of(2n, 3n)),
        ],
        onnxTensor('shape', [1], BigInt64Array.of(30_000n)),
      ],
      inputs: [{ name: 'x', dims: ['batch', 3, 'height', 'width'] }],
      outputs: [{ name: 'y', dims: [30_000] }],
    });
    expect(await probeWith().try(await subject(demanding), 'cpu')).toMatchObject({ refusal: null, note: null });
  });

  it('blames no file for a process that does not start', async () => {
    const file = await subject(doubling);
    const broken = probeWith({ entry: join(folder, 'missing.mjs') });
    await expect(broken.try(file, 'cpu')).rejects.toMatchObject({ code: 'VD_MODEL_PROBE_UNAVAILABLE', retryable: true });
    expect((await probeWith().try(file, 'cpu')).refusal).toBeNull();
  });

  it('keeps a file that crashes from being opened here at all', async () => {
    await subject(doubling);
    const models = new OrtModels([folder], { probe: probeWith({ entry: await childThat('process.abort()') }) });
    await expect(models.open('model.onnx')).rejects.toMatchObject({ code: 'VD_MODEL_CRASHED' });
    await expect(models.open('model.onnx')).rejects.toMatchObject({ code: 'VD_MODEL_CRASHED' });
  });

  describe(Providers.name, () => {
    it('finds the CPU usable, and of another provider says why it is not', async () => {
      const providers = new Providers(probeWith(), folder);
      expect(await providers.look('cpu')).toEqual({ provider: 'cpu', usable: true, reason: null, bundled: true });
      // No machine has both: these are for different operating systems.
      const foreign = process.platform === 'darwin' ? 'dml' : 'coreml';
      const finding = await providers.look(foreign);
      expect(finding).toMatchObject({ provider: foreign, usable: false, bundled: null });
      expect(finding.reason).toMatch(/.{10}/);
    });

    it('falls back to the next provider with a warning, and gives up when there is none', async () => {
      const logger = new SilentLogger();
      const providers = new Providers(probeWith(), folder);
      const foreign = process.platform === 'darwin' ? 'dml' : 'coreml';
      await subject(doubling);
      const model = await new OrtModels([folder], {
        probe: probeWith(),
        providers,
        preferred: [foreign, 'cpu'],
        logger,
      }).open('model.onnx');
      expect(model).toMatchObject({ provider: 'cpu', precision: 'float32' });
      await model.dispose();
      expect(logger.said('warn')).toEqual([
        {
          level: 'warn',
          message: expect.stringContaining('provider'),
          fields: expect.objectContaining({ provider: foreign, insteadOf: 'cpu', reason: expect.any(String) }),
        },
      ]);
      const alone = new OrtModels([folder], { probe: probeWith(), providers, preferred: [foreign] });
      await expect(alone.open('model.onnx')).rejects.toMatchObject({
        code: 'VD_MODEL_PROVIDER_UNAVAILABLE',
        message: expect.stringContaining(foreign),
      });
    });
  });
});
