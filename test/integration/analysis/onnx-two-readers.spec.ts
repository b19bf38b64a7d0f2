import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as ort from 'onnxruntime-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { withCopy } from '../../../src/core/inference/model-copy.js';
import { readModel } from '../../../src/core/inference/model-file.js';
import { OrtModels } from '../../../src/core/inference/ort-models.js';
import type { CodedError } from '../../../src/core/plugin-api/index.js';
import { message, number, odd, text, written, type OddField } from '../../support/models/odd-onnx.js';

const MUTANTS = 800;
/** What lies beside the models, and must not be read through them. */
const SECRET = [7, 9];
const OWN = [1, 2];

const float = (values: readonly number[]): Buffer => Buffer.from(Float32Array.from(values).buffer);
const value = (field: number, name: string): OddField =>
  message(field, text(1, name), message(2, message(1, number(1, 1), message(2, message(1, number(1, 2))))));
/** `y = x + w`, where `w` is given by these fields of its tensor. */
const adding = (...weights: readonly OddField[]): OddField[] => [
  number(1, 8),
  message(
    7,
    message(1, text(1, 'x'), text(1, 'w'), text(2, 'y'), text(4, 'Add')),
    text(2, 'graph'),
    message(5, number(1, 2), number(2, 1), text(8, 'w'), ...weights),
    value(11, 'x'),
    value(12, 'y'),
  ),
  message(8, text(1, ''), number(2, 17)),
  message(14, text(1, 'names'), text(2, "{0: 'cat'}")),
];
const inside: OddField = { number: 9, content: float(OWN) };
const entry = (key: string, said: string): OddField => message(13, text(1, key), text(2, said));
const outside = [entry('location', 'weights.bin'), entry('length', '8'), number(14, 1)];

describe('the reader of model files and onnxruntime', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vedette-readers-'));
    await writeFile(join(folder, 'weights.bin'), float(SECRET));
  });
  afterAll(() => rm(folder, { recursive: true }));

  /** What the model gives for zeros, or null where onnxruntime does not take it. */
  async function weightsBy(file: string): Promise<number[] | null> {
    try {
      const session = await ort.InferenceSession.create(file, { logSeverityLevel: 4 });
      const { y } = await session.run({ x: new ort.Tensor('float32', new Float32Array(2), [2]) }, { logSeverityLevel: 4 });
      await session.release();
      return [...(y!.data as Float32Array)];
    } catch {
      return null;
    }
  }
  /** The same as this program opens it: what it refuses with, or what onnxruntime makes of the copy. */
  async function opened(file: string): Promise<{ readonly refused: string } | { readonly weights: number[] | null }> {
    try {
      return { weights: await withCopy(await readModel(file), folder, weightsBy) };
    } catch (error) {
      return { refused: (error as CodedError).code };
    }
  }
  async function fileOf(name: string, fields: readonly OddField[]): Promise<string> {
    const file = join(folder, name);
    await writeFile(file, written(fields));
    return file;
  }

  it('agree on what is well written', async () => {
    const own = await fileOf('inside.onnx', adding(inside));
    expect([await weightsBy(own), await opened(own)]).toEqual([OWN, { weights: OWN }]);
    const foreign = await fileOf('outside.onnx', adding(...outside));
    expect([await weightsBy(foreign), await opened(foreign)]).toEqual([SECRET, { refused: 'VD_MODEL_EXTERNAL_DATA' }]);
  });

  const hidden = (how: Partial<OddField>): OddField[] => outside.map((field) => ({ ...field, ...how }));
  it.each([
    ['tags beyond 32 bits', hidden({ tagBeyond: 1n << 32n })],
    ['tags of five bytes', hidden({ tagBytes: 5 })],
    ['lengths of five bytes', hidden({ numberBytes: 5 })],
    ['a place beyond 32 bits', [...outside.slice(0, 2), number(14, 2n ** 32n + 1n)]],
  ])('do not disagree on data outside the file that is told of by %s: it is refused', async (name, fields) => {
    const file = await fileOf(`${name}.onnx`, adding(...fields));
    expect(await weightsBy(file), 'onnxruntime itself reads it').toEqual(SECRET);
    expect(await opened(file)).toEqual({ refused: expect.stringMatching(/^VD_MODEL_(NOT_ONNX|MALFORMED|EXTERNAL_DATA)$/) });
    const models = new OrtModels([folder]);
    await expect(models.open(`${name}.onnx`)).rejects.toMatchObject({ code: expect.stringMatching(/^VD_MODEL_/) });
  });

  it('leaves out what means nothing, and keeps what does', async () => {
    const stray = [message(99, text(1, 'x')), number(14, 0), { number: 31, content: 5n }];
    const file = await fileOf('stray.onnx', [...adding(inside, ...stray), { number: 77, content: Buffer.from('unknown') }]);
    const { facts, rewritten } = await readModel(file);
    expect(Buffer.concat(rewritten)).toEqual(written(adding(inside, number(14, 0))));
    expect(facts).toMatchObject({ nodes: 1, metadata: { names: "{0: 'cat'}" } });
  });

  it('read the same in any odd file that both take, and nothing outside of it', { timeout: 120_000 }, async () => {
    const seen = { taken: 0, refused: 0, couldHaveLeaked: 0 };
    for (let seed = 1; seed <= MUTANTS; seed++) {
      const fields = odd(seed % 2 === 0 ? adding(inside) : adding(...outside), seed);
      const file = await fileOf('odd.onnx', fields);
      const [theirs, ours] = [await weightsBy(file), await opened(file)];
      const leaks = theirs?.[0] === SECRET[0];
      if (leaks) seen.couldHaveLeaked++;
      if ('refused' in ours) {
        seen.refused++;
        expect(ours.refused, `seed ${seed}`).toMatch(/^VD_MODEL_/);
        continue;
      }
      seen.taken++;
      expect(leaks, `seed ${seed}: onnxruntime reads weights from beside the file`).toBe(false);
      if (theirs !== null) expect(ours.weights, `seed ${seed}`).toEqual(theirs);
    }
    expect(seen.taken).toBeGreaterThan(MUTANTS / 10);
    expect(seen.refused).toBeGreaterThan(MUTANTS / 10);
    expect(seen.couldHaveLeaked).toBeGreaterThan(MUTANTS / 10);
    expect((await readdir(folder)).filter((name) => name.startsWith('vedette-model-copy-'))).toEqual([]);
  });
});
