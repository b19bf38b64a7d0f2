import { createWriteStream } from 'node:fs';
import { mkdir, rm, stat, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { type Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { importError } from '../../errors/import.errors.js';
import { errorText } from '../../plugin-api/index.js';
import { isMissing } from '../epoch-folder.js';

/** One piece of a file, or all of it. */
export interface FilePiece {
  readonly body: Readable;
  readonly firstByte: number;
  /** The piece has no more. */
  readonly endByte: number;
}

const NO_ROOM = new Set(['ENOSPC', 'EDQUOT']);

/** The folder where files lie that were brought here, each under its import's id, until they are in a stream. */
export class ImportSpool {
  private readonly receiving = new Set<string>();

  constructor(readonly folder: string) {}

  pathOf(importId: string): string {
    return join(this.folder, importId);
  }

  /** How much of it is here. */
  async sizeOf(importId: string): Promise<number> {
    return (await sizeOf(this.pathOf(importId))) ?? 0;
  }

  /**
   * Writes a piece behind what is here. What came of a piece that broke off stays: it is gone on from there.
   * @returns how much is here then
   * @throws VD_IMPORT_OFFSET, VD_IMPORT_NO_SPACE
   */
  async append(importId: string, piece: FilePiece): Promise<number> {
    if (this.receiving.has(importId)) throw importError('VD_IMPORT_OFFSET', 'another piece of it is on its way');
    this.receiving.add(importId);
    try {
      return await this.write(importId, piece);
    } finally {
      this.receiving.delete(importId);
    }
  }

  async remove(importId: string): Promise<void> {
    await rm(this.pathOf(importId), { force: true });
  }

  private async write(importId: string, { body, firstByte, endByte }: FilePiece): Promise<number> {
    const path = this.pathOf(importId);
    await mkdir(this.folder, { recursive: true });
    const have = await this.sizeOf(importId);
    if (firstByte !== have) throw importError('VD_IMPORT_OFFSET', `${have} bytes are here; the piece begins at ${firstByte}`);
    let received = have;
    const meter = new Transform({
      transform: (chunk: Buffer, _, done) => {
        received += chunk.length;
        if (received <= endByte) done(null, chunk);
        else done(importError('VD_IMPORT_OFFSET', `the piece is longer than it was said to be; ${have} bytes are here`));
      },
    });
    try {
      await pipeline(body, meter, createWriteStream(path, { flags: 'a' }));
    } catch (error) {
      if (received > endByte) await truncate(path, have);
      if (NO_ROOM.has((error as NodeJS.ErrnoException).code ?? ''))
        throw importError('VD_IMPORT_NO_SPACE', `${this.folder}: ${errorText(error)}`, { cause: error });
      throw error;
    }
    return received;
  }
}

/** Where `imports.folder` is, or what stands for it. */
export const spoolFolder = ({
  dataDir,
  imports,
}: {
  readonly dataDir: string;
  readonly imports: { readonly folder?: string | undefined };
}): string => imports.folder ?? join(dataDir, 'imports');

/** @returns undefined where there is no such file */
export async function sizeOf(path: string): Promise<number | undefined> {
  try {
    const found = await stat(path);
    return found.isFile() ? found.size : undefined;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}
