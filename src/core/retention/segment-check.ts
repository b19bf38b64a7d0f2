import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { checksumText } from '../media/checksum.js';
import { isMissing } from '../media/epoch-folder.js';
import type { ScannedSegment } from '../persistence/retention/segment-scan-store.js';
import { errorText } from '../plugin-api/index.js';

/** What a look at a file gave. `unknown`: it could not be looked at for a reason that may pass. */
export type FileVerdict =
  | { readonly is: 'sound' | 'unknown'; readonly readBytes: number }
  | { readonly is: 'lost'; readonly why: string; readonly readBytes: number };

const CHUNK_BYTES = 256 * 1024;
/** Lasting: the file, or its place on the disk, is gone. Anything else may pass. */
const LASTING = new Set(['EIO', 'ELOOP', 'EISDIR', 'ENXIO']);

/**
 * Compares a segment's file with what the ledger says of it.
 * @param isRead its bytes too; else only whether it is there, with its size
 */
export async function checkSegment(mediaDir: string, segment: ScannedSegment, isRead: boolean): Promise<FileVerdict> {
  let readBytes = 0;
  const lost = (why: string): FileVerdict => ({ is: 'lost', why, readBytes });
  try {
    const handle = await open(join(mediaDir, segment.path), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      const facts = await handle.stat();
      if (!facts.isFile()) return lost('it is no file any more');
      if (facts.size !== segment.sizeBytes) return lost(`it has ${facts.size} bytes, and had ${segment.sizeBytes}`);
      if (!isRead || segment.checksum === null || !segment.checksum.startsWith('crc32:')) return { is: 'sound', readBytes };
      const crc = await crcOf(handle, (bytes) => (readBytes += bytes));
      if (checksumText(crc) !== segment.checksum) return lost(`its checksum is ${checksumText(crc)}, and was ${segment.checksum}`);
      return { is: 'sound', readBytes };
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (isMissing(error)) return lost('it is gone');
    const { code } = error as NodeJS.ErrnoException;
    return code !== undefined && LASTING.has(code) ? lost(`it cannot be read: ${errorText(error)}`) : { is: 'unknown', readBytes };
  }
}

async function crcOf(handle: FileHandle, read: (bytes: number) => void): Promise<number> {
  const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
  let crc = 0;
  for (;;) {
    const { bytesRead } = await handle.read(chunk, 0, CHUNK_BYTES);
    if (bytesRead === 0) return crc;
    read(bytesRead);
    crc = crc32(chunk.subarray(0, bytesRead), crc);
  }
}
