import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { mediaError } from '../../errors/media.errors.js';
import { errorText, CodedError, type PtsUs } from '../../plugin-api/index.js';
import { checksumOf } from '../checksum.js';
import { isMissing } from '../epoch-folder.js';
import { initializationPath } from '../segment-name.js';
import { probeSegment, type SegmentFacts } from '../../decode/segment/index.js';

/** 2 s at 1 Gbit/s; what is larger never met a keyframe. */
export const MAX_SEGMENT_BYTES = 256 * 1024 ** 2;

/** A segment file as found: what it holds, why it cannot be read, or null when it is not there. */
export type SegmentReading =
  { readonly facts: SegmentFacts; readonly checksum?: string } | { readonly unreadable: CodedError; readonly sizeBytes: number } | null;

/** A segment file that is there. */
export interface FoundSegment {
  readonly sequence: number;
  readonly name: string;
  readonly reading: NonNullable<SegmentReading>;
}

/** Reads and probes one segment file. Whatever its bytes are, the answer is a reading. */
export async function readSegment(directory: string, name: string, referencePtsUs: PtsUs | undefined): Promise<SegmentReading> {
  let sizeBytes = 0;
  try {
    const file = await open(join(directory, name), 'r');
    try {
      sizeBytes = (await file.stat()).size;
      if (sizeBytes > MAX_SEGMENT_BYTES) throw mediaError('VD_MEDIA_TOO_LARGE', `${name} has ${sizeBytes} bytes`);
      const before = await initializationOf(directory, name);
      const bytes = await file.readFile();
      const facts = probeSegment(Buffer.concat([before, bytes]), referencePtsUs);
      return { facts: { ...facts, sizeBytes }, checksum: checksumOf(bytes) };
    } finally {
      await file.close();
    }
  } catch (error) {
    if (isMissing(error)) return null;
    if (error instanceof CodedError) return { unreadable: error, sizeBytes };
    // Anything else (no file descriptors left, say) passes: the caller tries again.
    if (['EIO', 'EACCES', 'EPERM', 'EISDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) {
      return { unreadable: mediaError('VD_MEDIA_FILE_UNREADABLE', `${name}: ${errorText(error)}`, { cause: error }), sizeBytes };
    }
    throw error;
  }
}

/** Without it the segment cannot be read, which its bytes then say. */
async function initializationOf(directory: string, name: string): Promise<Buffer> {
  const path = initializationPath(name.replace(/\.tmp$/, ''));
  if (path === null) return Buffer.alloc(0);
  try {
    return await readFile(join(directory, path));
  } catch (error) {
    if (isMissing(error)) return Buffer.alloc(0);
    throw error;
  }
}
