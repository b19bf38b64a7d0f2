import { mkdir, mkdtemp, open, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { ReadModel } from './model-file.js';

const PREFIX = 'vedette-model-copy-';
/** A copy lives for as long as onnxruntime takes to open it; what is older belongs to a process that was ended meanwhile. */
const ABANDONED_MS = 60 * 60_000;
/** Buffers that one call of the system writes. */
const PIECES_PER_WRITE = 512;

/**
 * Writes a model into a folder of its own, for onnxruntime to open: the file holds what was checked, and has no neighbours that it
 * could refer to.
 * @param parent folder in which the copy's own folder is made; made where it is missing
 * @throws what `use` throws, with the original's name in place of the copy's
 * @example const session = await withCopy(await readModel(file), copies, (path) => ort.InferenceSession.create(path));
 */
export async function withCopy<T>({ facts, rewritten }: ReadModel, parent: string, use: (file: string) => Promise<T>): Promise<T> {
  await mkdir(parent, { recursive: true, mode: 0o700 });
  await sweep(parent);
  const folder = await mkdtemp(join(parent, PREFIX)); // readable by this user only
  const file = join(folder, 'model.onnx');
  try {
    await write(file, rewritten);
    return await use(file);
  } catch (error) {
    if (error instanceof Error) error.message = error.message.replaceAll(file, facts.file);
    throw error;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function write(file: string, pieces: readonly Buffer[]): Promise<void> {
  const handle = await open(file, 'wx', 0o600);
  try {
    for (let at = 0; at < pieces.length; at += PIECES_PER_WRITE) {
      const batch = pieces.slice(at, at + PIECES_PER_WRITE);
      const sizeBytes = batch.reduce((sum, { length }) => sum + length, 0);
      const { bytesWritten } = await handle.writev(batch);
      if (bytesWritten !== sizeBytes) await handle.writeFile(Buffer.concat(batch).subarray(bytesWritten));
    }
  } finally {
    await handle.close();
  }
}

/** Removes what processes left that were ended while they opened a model. */
async function sweep(parent: string): Promise<void> {
  for (const name of await readdir(parent)) {
    if (!name.startsWith(PREFIX)) continue;
    const folder = join(parent, name);
    const facts = await stat(folder).catch(() => undefined);
    // Another user's, in a shared folder, stays: whoever may not remove it need not.
    if (facts !== undefined && Date.now() - facts.mtimeMs > ABANDONED_MS)
      await rm(folder, { recursive: true, force: true }).catch(() => undefined);
  }
}
