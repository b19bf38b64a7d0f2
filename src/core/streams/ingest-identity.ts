import { randomUUID } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { ingestError } from '../errors/ingest.errors.js';

const IDENTITY_NAME = '.ingest-id';

/**
 * The id of the ingest role that owns a media folder: the same after a restart, so that it knows its own open epochs, and
 * another on another machine.
 * @throws VD_INGEST_MEDIA_UNWRITABLE
 */
export async function ingestIdentity(mediaDir: string): Promise<string> {
  const path = join(mediaDir, IDENTITY_NAME);
  try {
    await mkdir(mediaDir, { recursive: true });
    const known = z.uuid().safeParse((await readFile(path, 'utf8').catch(() => '')).trim());
    if (known.success) return known.data;
    const id = randomUUID();
    await writeFile(path, `${id}\n`);
    return id;
  } catch (error) {
    throw ingestError('VD_INGEST_MEDIA_UNWRITABLE', `${mediaDir}: ${(error as Error).message}`, { cause: error });
  }
}
