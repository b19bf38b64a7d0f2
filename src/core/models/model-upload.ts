import { Inject, Injectable } from '@nestjs/common';
import { createWriteStream } from 'node:fs';
import { mkdir, readdir, rm, stat, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { Transform, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { errorText, DAY_MS } from '../plugin-api/index.js';
import { modelError } from '../errors/model.errors.js';
import { MAX_MODEL_BYTES } from '../inference/model-file.js';
import { claimOf, sizeOf, UPLOAD_ENDING, uploadPartOf, ModelRegistry, type ModelStatus } from './model-registry.js';
import { PullClaim } from './pull-claim.js';

/** Nest token of the size, in bytes, that an upload may have. */
export const MAX_UPLOAD_BYTES = Symbol.for('vedette.max-upload-bytes');

/** An upload that nobody went on with for so long is thrown away when the next one begins. */
const FORGOTTEN_MS = DAY_MS;

/** One piece of a file, or all of it. */
export interface UploadPiece {
  readonly body: Readable;
  /** First and last byte of the piece, and size of the whole file; null: the piece is the whole file. */
  readonly range: { readonly firstByte: number; readonly lastByte: number; readonly totalBytes: number } | null;
}

export type UploadOutcome =
  | { readonly isWhole: true; readonly model: ModelStatus }
  | { readonly isWhole: false; readonly receivedBytes: number; readonly totalBytes: number };

/**
 * Takes a model file that an operator brings, whole or in pieces, and registers it under an id. Nothing of it is used before
 * all of it is here and was read; a new upload under the same id takes the place of the old one.
 */
@Injectable()
export class ModelUploads {
  constructor(
    private readonly registry: ModelRegistry,
    @Inject(MAX_UPLOAD_BYTES) private readonly maxBytes = MAX_MODEL_BYTES,
  ) {}

  /**
   * @param id of a new model, or of one that was uploaded before
   * @throws VD_MODEL_ID_TAKEN, VD_MODEL_BUSY, VD_MODEL_TOO_LARGE, VD_MODEL_UPLOAD_OFFSET, VD_MODEL_NOT_ONNX, …
   */
  async receive(id: string, { body, range }: UploadPiece): Promise<UploadOutcome> {
    const { catalogue } = this.registry;
    const taken = (await catalogue.list()).find((model) => model.id === id);
    if (taken !== undefined && taken.origin !== 'uploaded')
      throw modelError('VD_MODEL_ID_TAKEN', `${id} is already a model (${taken.origin})`);
    if (range !== null && range.totalBytes > this.maxBytes) throw this.tooLarge(range.totalBytes);
    const file = join(catalogue.folder, `${id}.onnx`);
    await mkdir(catalogue.folder, { recursive: true });
    await dropForgotten(catalogue.folder);
    const claim = await PullClaim.take(claimOf({ file }));
    let outcome: UploadOutcome | null;
    try {
      outcome = await this.write(id, file, { body, range });
    } finally {
      await claim.release();
    }
    return outcome ?? { isWhole: true, model: await this.registry.get(id) };
  }

  /** @returns null when all of it is here and is a model now */
  private async write(id: string, file: string, { body, range }: UploadPiece): Promise<UploadOutcome | null> {
    const part = uploadPartOf({ file });
    const have = range === null || range.firstByte === 0 ? 0 : ((await sizeOf(part)) ?? 0);
    if (range !== null && range.firstByte !== have)
      throw modelError('VD_MODEL_UPLOAD_OFFSET', `${id} has ${have} bytes so far; the piece begins at ${range.firstByte}`);
    const limit = range === null ? this.maxBytes : range.lastByte + 1;
    let received = have;
    const meter = new Transform({
      transform: (chunk: Buffer, _, done) => {
        received += chunk.length;
        if (received <= limit) done(null, chunk);
        else if (range === null) done(this.tooLarge(received));
        else done(modelError('VD_MODEL_UPLOAD_OFFSET', `the piece is longer than its Content-Range says; ${id} has ${have} bytes so far`));
      },
    });
    try {
      await pipeline(body, meter, createWriteStream(part, { flags: have > 0 ? 'a' : 'w', flush: true }));
    } catch (error) {
      const isFull = ['ENOSPC', 'EDQUOT'].includes((error as NodeJS.ErrnoException).code ?? '');
      // What can be gone on from stays: the pieces before, and what came of this one if only its connection broke.
      if (range === null || isFull) await rm(part, { force: true });
      else if (received > limit) await truncate(part, have);
      if (isFull) throw modelError('VD_MODEL_NO_SPACE', `${part}: ${errorText(error)}`, { cause: error });
      throw error;
    }
    if (range !== null && received < range.totalBytes) return { isWhole: false, receivedBytes: received, totalBytes: range.totalBytes };
    try {
      const facts = await this.registry.install(file, part);
      await this.registry.catalogue.add({ id, sha256: facts.sha256, sizeBytes: facts.sizeBytes, task: 'object-detection' });
    } finally {
      await rm(part, { force: true });
    }
    return null;
  }

  private tooLarge(bytes: number): Error {
    return modelError('VD_MODEL_TOO_LARGE', `the upload has ${bytes} bytes or more; the limit is ${this.maxBytes}`);
  }
}

async function dropForgotten(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!name.endsWith(UPLOAD_ENDING)) continue;
    const file = join(folder, name);
    const found = await stat(file).catch(() => null);
    if (found !== null && Date.now() - found.mtimeMs > FORGOTTEN_MS) await rm(file, { force: true });
  }
}
