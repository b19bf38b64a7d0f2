/**
 * Started as a process of its own, by its path: opens one model and runs it on zeros. Whatever the file makes native code do,
 * it does it here. Imports nothing of this project but types, so that it runs from source as it does from `dist`, and starts
 * quickly.
 */
import { writeFileSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import type { InferenceSession, Tensor } from 'onnxruntime-node';
import type { FromProbe, ProbeJob, ToProbe } from './probe-protocol.js';

/** Runs beside native code that may never come back: ends the process when its time is up or its parent is gone. */
const WATCH = `
  const { workerData } = require('node:worker_threads');
  const end = () => process.kill(process.pid, 'SIGKILL');
  setTimeout(end, workerData.deadlineMs);
  setInterval(() => process.ppid !== workerData.parentPid && end(), 500);
`;
const ZEROS: Readonly<Record<string, (count: number) => Tensor.DataType>> = {
  float32: (count) => new Float32Array(count),
  float64: (count) => new Float64Array(count),
  float16: (count) => new Uint16Array(count) as unknown as Tensor.DataType,
  uint8: (count) => new Uint8Array(count),
  int8: (count) => new Int8Array(count),
  uint16: (count) => new Uint16Array(count),
  int16: (count) => new Int16Array(count),
  uint32: (count) => new Uint32Array(count),
  int32: (count) => new Int32Array(count),
  uint64: (count) => new BigUint64Array(count),
  int64: (count) => new BigInt64Array(count),
  bool: (count) => new Uint8Array(count),
};

const job = JSON.parse(process.argv[2] ?? '{}') as ProbeJob;
preferAsVictim();
new Worker(WATCH, {
  eval: true,
  workerData: { parentPid: process.ppid, deadlineMs: job.deadlineMs },
  execArgv: [],
  resourceLimits: { maxOldGenerationSizeMb: 8, maxYoungGenerationSizeMb: 2 },
}).unref();

const ort = await import('onnxruntime-node');
say({ type: 'started', backends: ort.listSupportedBackends().map(({ name, bundled }) => ({ name, bundled })) });
// The parent ends this process; until then it listens, so that it does not leave with a message half sent.
process.on('message', (message: ToProbe) => void opened.then((model) => model && run(model, message.sizes)));
const opened = open();

async function open(): Promise<InferenceSession | null> {
  try {
    const startedAtMs = performance.now();
    const model = await ort.InferenceSession.create(job.file, job.session);
    const openMs = performance.now() - startedAtMs;
    say({ type: 'opened', inputs: model.inputMetadata.map(infoOf), outputs: model.outputMetadata.map(infoOf), openMs });
    return model;
  } catch (error) {
    say({ type: 'failed', step: 'open', message: messageOf(error) });
    return null;
  }
}

async function run(model: InferenceSession, sizes: ToProbe['sizes']): Promise<void> {
  try {
    const feeds = model.inputMetadata.map((input, i) => {
      const dims = sizes[i] ?? [];
      const zeros = input.isTensor ? ZEROS[input.type] : undefined;
      if (!input.isTensor || zeros === undefined) throw new TypeError(`${input.name} is no tensor of numbers`);
      const data = zeros(dims.reduce((product, size) => product * size, 1));
      const tensor = new ort.Tensor(input.type, data, dims);
      // The library turns the bits of half floats into a Float16Array, which its own native side takes for empty.
      if (input.type === 'float16') Object.defineProperty(tensor, 'cpuData', { value: data });
      return [input.name, tensor] as const;
    });
    const startedAtMs = performance.now();
    const results = await model.run(Object.fromEntries(feeds));
    const runMs = performance.now() - startedAtMs;
    const outputBytes = Object.values(results).reduce((sum, { data }) => sum + ('byteLength' in data ? Number(data.byteLength) : 0), 0);
    say({ type: 'ran', runMs, outputBytes });
  } catch (error) {
    say({ type: 'failed', step: 'run', message: messageOf(error) });
  }
}

function infoOf(facts: InferenceSession.ValueMetadata): { name: string; type: string; dims: number[] } {
  if (!facts.isTensor) return { name: facts.name, type: 'other', dims: [] };
  return { name: facts.name, type: facts.type, dims: facts.shape.map((size) => (typeof size === 'number' && size >= 0 ? size : -1)) };
}

function say(message: FromProbe): void {
  process.send?.(message, undefined, undefined, () => undefined);
}

function messageOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).slice(0, 2_000);
}

/** Where memory runs out before anybody noticed, Linux should take this process and no other. */
function preferAsVictim(): void {
  try {
    writeFileSync('/proc/self/oom_score_adj', '1000');
  } catch {
    // Not Linux, or not allowed: the parent watches, too.
  }
}
