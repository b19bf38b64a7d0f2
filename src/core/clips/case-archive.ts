import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { ZipFile } from 'yazl';
import { clipError } from '../errors/clip.errors.js';

/** A file of the archive: one of this machine, or a text. */
export type ArchivedFile =
  { readonly name: string; readonly path: string; readonly at: Date } | { readonly name: string; readonly text: string; readonly at: Date };

export interface Archive {
  readonly bytes: Readable;
  /** Known before the first of them is read: nothing is compressed. */
  readonly sizeBytes: number;
}

const KEPT = { compress: false, mode: 0o100644 } as const;

/**
 * A zip of files, stored as they are and read only as it is sent: nothing of it stands on a disk.
 * @throws VD_CLIP_ELSEWHERE
 */
export async function archiveOf(files: readonly ArchivedFile[]): Promise<Archive> {
  const zip = new ZipFile();
  for (const file of files) {
    if ('text' in file) zip.addBuffer(Buffer.from(file.text), file.name, { ...KEPT, mtime: file.at });
    else {
      const { size } = await stat(file.path).catch(() => {
        throw clipError('VD_CLIP_ELSEWHERE', 'This machine does not have all of the clips.');
      });
      zip.addReadStreamLazy(file.name, { ...KEPT, size, mtime: file.at }, (give) => give(null, createReadStream(file.path)));
    }
  }
  const bytes = zip.outputStream as Readable;
  zip.once('error', (error: Error) => bytes.destroy(error));
  return { bytes, sizeBytes: await sizeOf(zip) };
}

/** Ends the list of files. yazl tells the size when all of it is known, which it is; its types say nothing of that. */
function sizeOf(zip: ZipFile): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>();
  (zip.end as (options: object, tell: (bytes: number) => void) => void).call(zip, {}, resolve);
  return promise;
}
