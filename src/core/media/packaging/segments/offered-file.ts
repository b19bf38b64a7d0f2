import { constants, type Stats } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { basename } from 'node:path';
import { mediaError } from '../../../errors/media.errors.js';
import { errorText, type CodedError, type TakenFile } from '../../../plugin-api/index.js';
import { isMissing } from '../../epoch-folder.js';

/** No link is followed, and no pipe or device waited for. */
const OPEN_FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
/** What a file answers that is there and can never be read: a link (ELOOP, EMLINK), a socket (ENXIO), somebody else's. */
const NEVER = new Set(['ELOOP', 'EMLINK', 'ENXIO', 'ENODEV', 'EISDIR', 'EACCES', 'EPERM', 'EIO', 'ENAMETOOLONG', 'EINVAL']);

/** Another program's file as it was read, and what tells it from a later one of its name. */
export interface OfferedFile extends TakenFile {
  readonly bytes: Buffer;
  readonly device: number;
  readonly inode: number;
}

export type OfferedReading =
  | { readonly kind: 'read'; readonly file: OfferedFile }
  | { readonly kind: 'gone' }
  | { readonly kind: 'unfinished'; readonly why: string }
  | { readonly kind: 'refused'; readonly error: CodedError };

/**
 * Reads a file that another program may be writing, deleting or replacing meanwhile. Whatever it is, the answer is a reading.
 * @param maxBytes of what is larger nothing is read
 * @throws what has nothing to do with the file, such as `EMFILE`
 */
export async function readOffered(path: string, maxBytes: number): Promise<OfferedReading> {
  const refused = (code: 'VD_MEDIA_SEGMENT_REFUSED' | 'VD_MEDIA_TOO_LARGE', why: string): OfferedReading => ({
    kind: 'refused',
    error: mediaError(code, `${JSON.stringify(basename(path))} ${why}`),
  });
  let handle: FileHandle;
  try {
    handle = await open(path, OPEN_FLAGS);
  } catch (error) {
    if (isMissing(error)) return { kind: 'gone' };
    const { code = '' } = error as NodeJS.ErrnoException;
    if (NEVER.has(code)) return refused('VD_MEDIA_SEGMENT_REFUSED', `cannot be opened: ${errorText(error)}`);
    throw error;
  }
  try {
    const before = await handle.stat();
    if (!before.isFile()) return refused('VD_MEDIA_SEGMENT_REFUSED', 'is no plain file');
    if (before.size > maxBytes) return refused('VD_MEDIA_TOO_LARGE', `has ${before.size} bytes`);
    const bytes = await readAll(handle, before.size);
    const after = await handle.stat();
    if (bytes.length !== before.size || !isSame(before, after)) return { kind: 'unfinished', why: 'it is being written to' };
    const { size, mtimeMs, dev, ino } = after;
    return { kind: 'read', file: { name: basename(path), sizeBytes: size, mtimeMs, bytes, device: dev, inode: ino } };
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (NEVER.has(code)) return refused('VD_MEDIA_SEGMENT_REFUSED', `cannot be read: ${errorText(error)}`);
    throw error;
  } finally {
    await handle.close();
  }
}

/** No more than it had: one that grows for ever is not followed. */
async function readAll(handle: FileHandle, sizeBytes: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(sizeBytes);
  let at = 0;
  while (at < sizeBytes) {
    const { bytesRead } = await handle.read(bytes, at, sizeBytes - at, at);
    if (bytesRead === 0) break;
    at += bytesRead;
  }
  return bytes.subarray(0, at);
}

const isSame = (a: Stats, b: Stats): boolean => a.size === b.size && a.mtimeMs === b.mtimeMs;
