import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { open, realpath } from 'node:fs/promises';
import { isAbsolute, relative, resolve, sep } from 'node:path';
import { modelError } from '../errors/model.errors.js';
import type { Model, Models } from '../plugin-api/index.js';
import { readOnnx } from './onnx-reader.js';
import { OrtModel, type OrtSession } from './ort-model.js';

const MAX_MODEL_BYTES = 1024 ** 3;
const MAX_TEXT_BYTES = 1024 ** 2;

interface Loaded {
  readonly session: OrtSession;
  readonly sha256: string;
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * Opens ONNX files with onnxruntime on the CPU: one thread per session and no spinning, since hosts are as many as cores.
 * Files come from the model folders only; a relative path is looked for in each in turn. A file opened twice is one session.
 */
export class OrtModels implements Models {
  readonly #loaded = new Map<string, { readonly loaded: Promise<Loaded>; users: number }>();

  /** @param folders absolute; the first that has the file wins */
  constructor(private readonly folders: readonly string[]) {}

  async open(path: string, options: { readonly sha256?: string } = {}): Promise<Model> {
    const file = await this.#locate(path);
    const entry = this.#loaded.get(file) ?? { loaded: load(file), users: 0 };
    this.#loaded.set(file, entry);
    entry.users++;
    const release = async (): Promise<void> => {
      if (--entry.users > 0) return;
      if (this.#loaded.get(file) === entry) this.#loaded.delete(file);
      const { session } = await entry.loaded;
      await session.release();
    };
    try {
      const { session, sha256, metadata } = await entry.loaded;
      if (options.sha256 !== undefined && options.sha256.toLowerCase() !== sha256) {
        await release();
        throw modelError('VD_MODEL_CHECKSUM', `${file} has SHA-256 ${sha256}, expected ${options.sha256}`);
      }
      return new OrtModel(file, sha256, metadata, session, release);
    } catch (error) {
      if (this.#loaded.get(file) === entry && entry.users <= 1) this.#loaded.delete(file);
      throw error;
    }
  }

  async readText(path: string): Promise<string> {
    const file = await this.#locate(path);
    const bytes = await readRegularFile(file, MAX_TEXT_BYTES);
    try {
      return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    } catch (cause) {
      throw modelError('VD_MODEL_NOT_TEXT', `${file} is not UTF-8 text`, { cause });
    }
  }

  async #locate(path: string): Promise<string> {
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

async function load(file: string): Promise<Loaded> {
  const bytes = await readRegularFile(file, MAX_MODEL_BYTES);
  const { metadata } = readOnnx(bytes, file);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const ort = await import('onnxruntime-node');
  try {
    // By path, never from the buffer: given a buffer, onnxruntime resolves references against the working directory.
    const session = await ort.InferenceSession.create(file, {
      executionProviders: ['cpu'],
      intraOpNumThreads: 1,
      interOpNumThreads: 1,
      executionMode: 'sequential',
      graphOptimizationLevel: 'all',
      logSeverityLevel: 3,
      extra: { session: { intra_op: { allow_spinning: '0' }, inter_op: { allow_spinning: '0' } } },
    });
    return { session, sha256, metadata };
  } catch (cause) {
    throw modelError('VD_MODEL_LOAD_FAILED', `${file}: ${(cause as Error).message}`, { cause });
  }
}

async function readRegularFile(file: string, maxBytes: number): Promise<Buffer> {
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

function isInside(root: string, file: string): boolean {
  const between = relative(root, file);
  return between !== '' && between !== '..' && !between.startsWith(`..${sep}`) && !isAbsolute(between);
}
