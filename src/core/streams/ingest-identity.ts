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
    const known = await knownIdentity(mediaDir);
    if (known !== null) return known;
    const id = randomUUID();
    await writeFile(path, `${id}\n`);
    return id;
  } catch (error) {
    throw ingestError('VD_INGEST_MEDIA_UNWRITABLE', `${mediaDir}: ${(error as Error).message}`, { cause: error });
  }
}

/** The same, where an ingest role has been in this folder; makes none. */
export async function knownIdentity(mediaDir: string): Promise<string | null> {
  const text = await readFile(join(mediaDir, IDENTITY_NAME), 'utf8').catch(() => '');
  return z.uuid().safeParse(text.trim()).data ?? null;
}
