import { randomUUID } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { ingestError } from '../errors/ingest.errors.js';
import { errorText, writeWholeFile } from '../plugin-api/index.js';

const IDENTITY_NAME = '.ingest-id';
/** The ledger knows the folder's recordings by the id: it must outlive the file that holds it. */
const COPY_NAME = '.ingest-id.copy';
/** Whoever makes the file on a disk without hard links fills it within this time; what is no id then is damaged. */
const WRITTEN_WITHIN_MS = 500;
const LOOK_EVERY_MS = 20;

/**
 * The id of the ingest role that owns a media folder: the same after a restart, so that it knows its own open epochs, and
 * another on another machine. The same for all who ask at the same time, too: the parts of a role each ask for themselves.
 * A damaged file is mended from its copy; a deleted one means a new id.
 * @throws VD_INGEST_MEDIA_UNWRITABLE
 */
export async function ingestIdentity(mediaDir: string): Promise<string> {
  try {
    await mkdir(mediaDir, { recursive: true });
    const id = (await readIdentity(mediaDir)) ?? (await made(mediaDir)) ?? (await written(mediaDir)) ?? (await mended(mediaDir));
    await keepCopy(mediaDir, id);
    return id;
  } catch (error) {
    throw ingestError('VD_INGEST_MEDIA_UNWRITABLE', `${mediaDir}: ${errorText(error)}`, { cause: error });
  }
}

/** The same, where an ingest role has been in this folder; makes none. */
export async function knownIdentity(mediaDir: string): Promise<string | null> {
  return readIdentity(mediaDir).catch(() => null);
}

/** @throws where there may be one that cannot be read: it is not to be replaced by another */
async function readIdentity(mediaDir: string, name = IDENTITY_NAME): Promise<string | null> {
  try {
    const text = await readFile(join(mediaDir, name), 'utf8');
    return z.uuid().safeParse(text.trim()).data ?? null;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** @returns null where another was quicker, or where a damaged file is */
async function made(mediaDir: string): Promise<string | null> {
  const id = randomUUID();
  try {
    await writeWholeFile(join(mediaDir, IDENTITY_NAME), `${id}\n`, { isNew: true });
    return id;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return null;
    throw error;
  }
}

/** Another is about to write it. @returns null where it is none after all */
async function written(mediaDir: string): Promise<string | null> {
  for (const end = performance.now() + WRITTEN_WITHIN_MS; performance.now() < end;) {
    const id = await readIdentity(mediaDir);
    if (id !== null) return id;
    await delay(LOOK_EVERY_MS);
  }
  return null;
}

/** What the copy says; without one a new id, of several that do this at once the last one's. */
async function mended(mediaDir: string): Promise<string> {
  const id = (await readIdentity(mediaDir, COPY_NAME)) ?? randomUUID();
  await writeWholeFile(join(mediaDir, IDENTITY_NAME), `${id}\n`);
  await delay(LOOK_EVERY_MS);
  return (await readIdentity(mediaDir)) ?? id;
}

async function keepCopy(mediaDir: string, id: string): Promise<void> {
  if ((await readIdentity(mediaDir, COPY_NAME)) !== id) await writeWholeFile(join(mediaDir, COPY_NAME), `${id}\n`);
}
