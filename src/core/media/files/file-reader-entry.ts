import { once } from 'node:events';
import { lowerPriority } from '../../children/lower-priority.js';
import { FileReader } from '../../decode/file/file-reader.js';
import { failureOf, type FromFileReader, recordOf, type ToFileReader } from './file-records.js';

/*
 * The process in which a file of foreign origin is demuxed, decoded and encoded. It is forked without an environment, may read and not
 * write, and may end at any time. It goes as fast as its records are taken, and lets everything else on the machine go first.
 */
const NICENESS = 15;
const WRITE_BYTES = 256 * 1024;
const SIGN_OF_LIFE_MS = 2_000;

let reader: FileReader | undefined;
let waiting: Buffer[] = [];
let waitingBytes = 0;

async function say(said: FromFileReader, isLast = true): Promise<void> {
  const record = recordOf(said);
  waiting.push(record);
  waitingBytes += record.length;
  if (!isLast && waitingBytes < WRITE_BYTES) return;
  const bytes = Buffer.concat(waiting);
  waiting = [];
  waitingBytes = 0;
  if (!process.stdout.write(bytes)) await once(process.stdout, 'drain');
}

async function read(file: FileReader, fromUs: number | null): Promise<void> {
  const frames = file.frames(fromUs);
  let saidAtMs = performance.now();
  for (let step = frames.next(); ; step = frames.next()) {
    if (step.done === true) return say({ type: 'end', end: step.value });
    for (const frame of step.value) await say({ type: 'frame', frame }, false);
    if (performance.now() - saidAtMs < SIGN_OF_LIFE_MS) continue;
    saidAtMs = performance.now();
    await say({ type: 'at', positionBytes: file.positionBytes });
  }
}

async function answer(asked: ToFileReader): Promise<void> {
  if (asked.type === 'open') {
    reader = FileReader.open(asked.path);
    return say({ type: 'opened', facts: reader.facts });
  }
  if (reader !== undefined) await read(reader, asked.fromUs);
}

lowerPriority(NICENESS);
process.once('disconnect', () => process.exit(0));
process.stdout.once('error', () => process.exit(0));
process.on('message', (message) => {
  answer(message as ToFileReader).catch((error: unknown) => say(failureOf(error)));
});
