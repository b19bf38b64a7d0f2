import { fork, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { residentBytes } from '../../../src/core/runtime/resident-memory.js';
import { ModelProbe, refusalOf } from '../../../src/core/inference/model-probe.js';
import { FROM_SOURCE } from '../../support/analysis/host-pool.js';
import type { FuzzAnswer, FuzzJob } from '../../support/detection/fuzz-child.js';
import { ColourGraph } from '../../support/detection/colour-graphs.js';
import { SSD_CASES, TRANSFORMER_CASES, YOLO_CASES, type LayoutCase } from '../../support/detection/layout-cases.js';
import { mutated } from '../../support/detection/model-mutations.js';

const MUTANTS = 1000;
const CASES = [...YOLO_CASES, ...TRANSFORMER_CASES, ...SSD_CASES];
const LIMITS = { timeoutMs: 10_000, memoryBytes: 1536 * 2 ** 20 };
const CHILD = fileURLToPath(new URL('../../support/detection/fuzz-child.ts', import.meta.url));

/** Looks at models in a process that may die of them, and starts another one when it has. */
class Victim {
  private child: ChildProcess | undefined;
  constructor(private readonly folder: string) {}

  /** Undefined: the process died of it, took too long or too much. */
  async look(job: FuzzJob): Promise<FuzzAnswer | undefined> {
    const child = (this.child ??= await this.start());
    return new Promise((resolve) => {
      const settle = (answer: FuzzAnswer | undefined): void => {
        clearTimeout(deadline);
        clearInterval(memory);
        child.removeAllListeners();
        if (answer === undefined) this.end();
        resolve(answer);
      };
      const deadline = setTimeout(() => settle(undefined), LIMITS.timeoutMs);
      const memory = setInterval(() => (residentBytes(child.pid!) ?? 0) > LIMITS.memoryBytes && settle(undefined), 20);
      child.once('message', (answer) => settle(answer as FuzzAnswer));
      child.once('exit', () => settle(undefined));
      child.send(job, () => undefined);
    });
  }

  end(): void {
    this.child?.kill('SIGKILL');
    this.child = undefined;
  }

  private async start(): Promise<ChildProcess> {
    const child = fork(CHILD, [this.folder], {
      execArgv: [...FROM_SOURCE, '--max-old-space-size=1024'],
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    await new Promise((resolve, reject) => {
      child.once('message', resolve);
      child.once('exit', (code) => reject(new Error(`the process ended with ${code} before it began`)));
    });
    child.removeAllListeners();
    return child;
  }
}

/** A file of a few hundred bytes that unfolds to 2.4 GB. */
function bomb(): Buffer {
  const graph = new ColourGraph();
  const huge = graph.op('ConstantOfShape', [graph.integers([600_000_000])]);
  const sum = graph.op('ReduceSum', [huge], { keepdims: 0 });
  graph.output('output0', graph.op('Add', [graph.means, sum]), ['batch', 3]);
  return graph.model();
}

describe('a thousand damaged model files', () => {
  let folder: string;
  let victim: Victim;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vedette-fuzz-'));
    victim = new Victim(folder);
  });
  afterEach(() => victim.end());
  afterAll(() => rm(folder, { recursive: true }));

  /** What the product says of a file before it meets an analysis host. */
  async function refusal(file: string): Promise<string | undefined> {
    const sha256 = createHash('sha256')
      .update(await readFile(file))
      .digest('hex');
    const probe = new ModelProbe({ folder: join(folder, 'probes'), ...LIMITS });
    return refusalOf(await probe.try({ file, sha256 }, 'cpu'), file)?.code;
  }

  it('each give sound detections or a coded error; one that kills its process is refused by the probe', { timeout: 300_000 }, async () => {
    const outcomes: Record<string, number> = {};
    const uncoded: string[] = [];
    const killers: { readonly file: string; readonly how: string }[] = [];
    for (let seed = 1; seed <= MUTANTS; seed++) {
      const { model, config = {}, widthPx = 64 } = CASES[(seed * 7) % CASES.length]!;
      const mutant = mutated(model, seed);
      const file = join(folder, `${seed}.onnx`);
      await writeFile(file, mutant.model);
      const answer = await victim.look({ file, config, widthPx });
      const outcome = answer?.outcome ?? 'died';
      outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
      if (outcome === 'uncoded') uncoded.push(`seed ${seed}, ${mutant.how}: ${answer?.message}`);
      if (answer === undefined) killers.push({ file, how: `seed ${seed}, ${mutant.how}` });
      else await rm(file);
    }
    expect(uncoded).toEqual([]);
    expect(outcomes['detections']).toBeGreaterThan(0);
    expect(Object.keys(outcomes).filter((code) => code.startsWith('VD_')).length).toBeGreaterThan(2);
    for (const { file, how } of killers) expect(await refusal(file), how).toMatch(/^VD_MODEL_/);
  });

  it('would be noticed if one killed its process, and the probe would refuse it', async () => {
    const file = join(folder, 'bomb.onnx');
    await writeFile(file, bomb());
    expect(await victim.look({ file, config: {}, widthPx: 64 })).toBeUndefined();
    expect(await refusal(file)).toBe('VD_MODEL_PROBE_MEMORY');
    const { file: other, config = {} } = await soundModel(folder);
    expect(await victim.look({ file: other, config, widthPx: 64 })).toMatchObject({ outcome: 'detections' });
  });
});

async function soundModel(folder: string): Promise<{ readonly file: string; readonly config?: Record<string, unknown> }> {
  const [{ model, config }] = YOLO_CASES as [LayoutCase];
  const file = join(folder, 'sound.onnx');
  await writeFile(file, model);
  return { file, ...(config ? { config } : {}) };
}
