import type { EpochHandle, FileEnding, FileImport, OpenFile, SourceContext } from 'vedette/plugin';
import { EvenPace } from './even-pace.js';

const TELL_EVERY_MS = 1_000;

/** Why an import stops before its file ends. */
type Stop = 'aborted' | 'paused' | 'cancelled';

/**
 * Brings one file into its stream, as one epoch at its own date, as fast as it can be stored. Goes on where an earlier attempt was
 * interrupted.
 * @throws what is wrong with the file, and what keeps the system from storing it
 */
export async function importFile(task: FileImport, context: SourceContext, signal: AbortSignal): Promise<void> {
  const file = await task.open();
  const close = (): void => file.close();
  signal.addEventListener('abort', close, { once: true });
  try {
    if (signal.aborted) return;
    const startedAtMs = await task.startedAtMs(file);
    const { video, audio } = file;
    const epoch = await context.openEpoch({
      startedAtMs,
      input: { kind: 'frames', video, ...(audio && { audio }) },
      recorded: { epochId: task.epochId },
    });
    await fill(epoch, { task, file, signal });
  } finally {
    signal.removeEventListener('abort', close);
    close();
  }
}

interface Work {
  readonly task: FileImport;
  readonly file: OpenFile;
  readonly signal: AbortSignal;
}

async function fill(epoch: EpochHandle, work: Work): Promise<void> {
  const { task, file } = work;
  try {
    await task.begun(epoch.epochId);
    const ending = await copy(epoch, work);
    if (ending === 'aborted' || ending === 'paused') return await leave(epoch);
    if (ending === 'cancelled') return await epoch.end('import-cancelled');
    if (ending.loss !== undefined) epoch.lost(ending.loss);
    await epoch.end('file-ended');
    const { error } = await epoch.done;
    if (error !== undefined) throw error;
    await task.done([file.changed, ending.detail].filter((text) => text !== undefined).join('. ') || undefined);
  } catch (error) {
    // What is stored stays, and is gone on from once it is tried again.
    await leave(epoch);
    throw error;
  }
}

/** @returns how the file ended, or why it was not read to its end */
async function copy(epoch: EpochHandle, { task, file, signal }: Work): Promise<FileEnding | Stop> {
  const frames = file.frames(epoch.goesOnAtUs);
  const pace = new EvenPace();
  let ended: { readonly error?: Error } | undefined;
  void epoch.done.then((outcome) => (ended = outcome));
  let [reachedUs, toldAtMs] = [epoch.goesOnAtUs ?? file.startUs, performance.now()];
  const stopped = async (): Promise<Stop | undefined> => {
    if (await task.reached(Math.max(0, reachedUs - file.startUs))) return undefined;
    return (await task.isPaused()) ? 'paused' : 'cancelled';
  };
  for (;;) {
    const step = await frames.next().catch((error: unknown) => {
      if (signal.aborted) return 'aborted' as const;
      throw error;
    });
    if (step === 'aborted' || signal.aborted) return 'aborted';
    if (ended !== undefined) throw ended.error ?? new Error('Storing the file was interrupted');
    if (step.done === true) return (await stopped()) ?? step.value;
    reachedUs = step.value.ptsUs;
    if (!epoch.put(step.value)) await epoch.drained();
    await pace.rest();
    if (performance.now() - toldAtMs < TELL_EVERY_MS) continue;
    toldAtMs = performance.now();
    const stop = await stopped();
    if (stop !== undefined) return stop;
  }
}

async function leave(epoch: EpochHandle): Promise<void> {
  await (epoch.leave?.() ?? epoch.end('interrupted'));
}
