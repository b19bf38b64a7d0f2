import { readFileSync } from 'node:fs';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { ownCpuSeconds } from './paired-ratio.js';

// The floor of inference, in a process of its own: the frames of a file, one after the other, through one session with one
// thread that does not spin. Nothing is read out of the results. Answers each 'go' with the CPU-seconds of one pass.
const [, , modelFile = '', framesFile = '', side = '320'] = process.argv;
const SIDE = Number(side);
const AREA = SIDE * SIDE;
const frames = readFileSync(framesFile);
const session = await InferenceSession.create(modelFile, {
  executionProviders: ['cpu'],
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  extra: { session: { intra_op: { allow_spinning: '0' }, inter_op: { allow_spinning: '0' } } },
});
const input = new Float32Array(3 * AREA);

async function pass(): Promise<number> {
  const started = ownCpuSeconds();
  for (let at = 0; at + 3 * AREA <= frames.length; at += 3 * AREA) {
    for (let pixel = 0, from = at; pixel < AREA; pixel++, from += 3) {
      input[pixel] = frames[from]! / 255;
      input[AREA + pixel] = frames[from + 1]! / 255;
      input[2 * AREA + pixel] = frames[from + 2]! / 255;
    }
    await session.run({ images: new Tensor('float32', input, [1, 3, SIDE, SIDE]) });
  }
  return ownCpuSeconds() - started;
}

process.on('message', () => void pass().then((cpuS) => process.send?.(cpuS)));
process.once('disconnect', () => process.exit(0));
process.send?.('ready');
