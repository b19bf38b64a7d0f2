import { randomUUID } from 'node:crypto';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { ingestError } from '../errors/ingest.errors.js';

const IDENTITY_NAME = '.ingest-id';
/** Whoever makes the file writes it within this time; what is no id then is damaged. */
const WRITTEN_WITHIN_MS = 500;
const LOOK_EVERY_MS = 20;

/**
 * The id of the ingest role that owns a media folder: the same after a restart, so that it knows its own open epochs, and
 * another on another machine. The same for all who ask at the same time, too: the parts of a role each ask for themselves.
 * @throws VD_INGEST_MEDIA_UNWRITABLE
 */
export async function ingestIdentity(mediaDir: string): Promise<string> {
  try {
    await mkdir(mediaDir, { recursive: true });
    return (await readIdentity(mediaDir)) ?? (await made(mediaDir)) ?? (await written(mediaDir)) ?? (await replaced(mediaDir));
  } catch (error) {
    throw ingestError('VD_INGEST_MEDIA_UNWRITABLE', `${mediaDir}: ${(error as Error).message}`, { cause: error });
  }
}

/** The same, where an ingest role has been in this folder; makes none. */
export async function knownIdentity(mediaDir: string): Promise<string | null> {
  return readIdentity(mediaDir).catch(() => null);
}

/** @throws where there may be one that cannot be read: it is not to be replaced by another */
async function readIdentity(mediaDir: string): Promise<string | null> {
  try {
    const text = await readFile(join(mediaDir, IDENTITY_NAME), 'utf8');
    return z.uuid().safeParse(text.trim()).data ?? null;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** @returns null where another was quicker */
async function made(mediaDir: string): Promise<string | null> {
  const id = randomUUID();
  try {
    await writeNew(join(mediaDir, IDENTITY_NAME), id);
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

/** A damaged one names no epochs: a new one takes its place, whole. Of several that do this at once, the last one's stays. */
async function replaced(mediaDir: string): Promise<string> {
  const id = randomUUID();
  const beside = join(mediaDir, `${IDENTITY_NAME}.${id}`);
  try {
    await writeNew(beside, id);
    await rename(beside, join(mediaDir, IDENTITY_NAME));
  } finally {
    await rm(beside, { force: true });
  }
  await delay(LOOK_EVERY_MS);
  return (await readIdentity(mediaDir)) ?? id;
}

/** @throws EEXIST */
async function writeNew(path: string, id: string): Promise<void> {
  const handle = await open(path, 'wx');
  try {
    await handle.writeFile(`${id}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
}
