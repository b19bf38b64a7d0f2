import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { open, realpath } from 'node:fs/promises';
import { isAbsolute, relative, resolve, sep } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { modelError } from '../errors/model.errors.js';
import { mistakenFor } from '../runtime/mistaken-file.js';
import { readOnnx, type OnnxFacts } from './onnx-reader.js';

export const MAX_MODEL_BYTES = 1024 ** 3;
const HASH_STEP_BYTES = 8 * 1024 * 1024;

/** A model file that was read through: what is in it, and what its content's name is. */
export interface InspectedModel extends OnnxFacts {
  readonly file: string;
  readonly sha256: string;
  readonly sizeBytes: number;
}

/** The same, with the model as it was written anew; it holds the whole file in memory. */
export interface ReadModel {
  readonly facts: InspectedModel;
  readonly rewritten: readonly Buffer[];
}

/**
 * Reads a model file without running it.
 * @param expectedSha256 lower-case; held against the content before anything else is made of it
 * @throws VD_MODEL_NOT_ONNX, VD_MODEL_TOO_LARGE, VD_MODEL_EXTERNAL_DATA, VD_MODEL_MALFORMED, VD_MODEL_CHECKSUM
 */
export async function inspectModel(file: string, expectedSha256?: string): Promise<InspectedModel> {
  return (await readModel(file, expectedSha256)).facts;
}

/** Like {@link inspectModel}, for whoever opens the model with onnxruntime next. */
export async function readModel(file: string, expectedSha256?: string): Promise<ReadModel> {
  const bytes = await readRegularFile(file, MAX_MODEL_BYTES);
  const mistake = mistakenFor(bytes);
  if (mistake !== null) throw modelError('VD_MODEL_NOT_ONNX', `${file}: ${mistake}`);
  const sha256 = await digest(bytes);
  if (expectedSha256 !== undefined && sha256 !== expectedSha256) {
    throw modelError('VD_MODEL_CHECKSUM', `${file} has SHA-256 ${sha256}, expected ${expectedSha256}`);
  }
  const { facts, rewritten } = readOnnx(bytes, file);
  return { facts: { ...facts, file, sizeBytes: bytes.length, sha256 }, rewritten };
}

/** In pieces, so that a gigabyte does not hold up everything else for a second. */
async function digest(bytes: Buffer): Promise<string> {
  const hash = createHash('sha256');
  for (let at = 0; at < bytes.length; at += HASH_STEP_BYTES) {
    hash.update(bytes.subarray(at, at + HASH_STEP_BYTES));
    if (at + HASH_STEP_BYTES < bytes.length) await setImmediate();
  }
  return hash.digest('hex');
}

export async function readRegularFile(file: string, maxBytes: number): Promise<Buffer> {
  const handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const facts = await handle.stat();
    if (!facts.isFile()) throw modelError('VD_MODEL_NOT_ONNX', `${file} is not a regular file`);
    if (facts.size > maxBytes) throw modelError('VD_MODEL_TOO_LARGE', `${file} has ${facts.size} bytes; the limit is ${maxBytes}`);
    return await handle.readFile();
  } finally {
    await handle.close();
  }
}

/** Finds files below the model folders and, by URL, those that a plugin's code names. */
export class ModelFolders {
  /** @param folders absolute; the first that has the file wins */
  constructor(private readonly folders: readonly string[]) {}

  /** @throws VD_MODEL_NOT_FOUND, VD_MODEL_OUTSIDE */
  async locate(path: string | URL): Promise<string> {
    if (path instanceof URL) return locateNamed(path);
    const candidates = isAbsolute(path) ? [path] : this.folders.map((folder) => resolve(folder, path));
    for (const candidate of candidates) {
      const file = await realpath(candidate).catch(() => undefined);
      if (file === undefined) continue;
      const roots = await Promise.all(this.folders.map((folder) => realpath(folder).catch(() => folder)));
      if (roots.some((root) => isInside(root, file))) return file;
      throw modelError('VD_MODEL_OUTSIDE', `${path} is ${file}, which is not below ${this.folders.join(' or ')}`);
    }
    throw modelError('VD_MODEL_NOT_FOUND', `${path}: looked for ${candidates.join(' and ')}`);
  }
}

/** Code may read what it likes: naming a file gives it nothing that it does not have. */
async function locateNamed(url: URL): Promise<string> {
  if (url.protocol !== 'file:') throw modelError('VD_MODEL_OUTSIDE', `${url.href} is no file of this machine`);
  const path = fileURLToPath(url);
  return realpath(path).catch(() => {
    throw modelError('VD_MODEL_NOT_FOUND', `${path}: named by a plugin, and not there`);
  });
}

function isInside(root: string, file: string): boolean {
  const between = relative(root, file);
  return between !== '' && between !== '..' && !between.startsWith(`..${sep}`) && !isAbsolute(between);
}
