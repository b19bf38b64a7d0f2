import { constants } from 'node:fs';
import { lstat, open, readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { errorText, type Folders } from 'vedette/plugin';
import type { FolderConfig } from './config.js';
import { folderError } from './errors.js';
import { parseForeignPlaylist, type ForeignPlaylist } from './foreign-playlist.js';

const MAX_PLAYLIST_BYTES = 8_000_000;
const PLAYLIST = /\.m3u8$/i;
const INDEX = 'index.m3u8';

export type MediaPlaylist = Extract<ForeignPlaylist, { kind: 'media' }>;

/** A playlist as it stands in its folder. */
export interface ReadPlaylist {
  readonly playlist: MediaPlaylist;
  /** Absolute. */
  readonly folder: string;
  readonly text: string;
}

/** Where the segments of one stream lie. */
export interface WriterPlace {
  /** Absolute, links followed. */
  readonly folder: string;
  /** Absolute; absent: there is none, and every file counts. */
  readonly playlist?: string;
}

/** What is there of a file, without following it. */
export interface FileFacts {
  readonly isFile: boolean;
  readonly sizeBytes: number;
  readonly mtimeMs: number;
}

/**
 * Finds a stream in the folder of its writer, which may have begun to write or not.
 * @returns null where nothing of it is there yet
 * @throws VD_FOLDER_AMBIGUOUS, VD_INGEST_FOLDER_REFUSED, VD_INGEST_FOLDER_MISSING
 */
export async function findPlace({ path, name, layout }: FolderConfig, folders: Folders): Promise<WriterPlace | null> {
  const root = await folders.resolve(path);
  const isListed = layout === 'plain' || layout === 'mediamtx';
  const inner = name === undefined ? root : join(root, name);
  if (name !== undefined) {
    const flat = join(root, `${name}.m3u8`);
    if (!isListed && (await factsOf(flat)) !== null) return { folder: root, playlist: flat };
    if (!(await isFolder(inner))) return null;
  }
  const folder = await folders.resolve(inner);
  if (isListed) return { folder };
  const names = await readdir(folder);
  const playlists = names.filter((one) => PLAYLIST.test(one));
  const only = playlists.includes(INDEX) ? INDEX : playlists.length === 1 ? playlists[0] : undefined;
  if (only !== undefined) return { folder, playlist: join(folder, only) };
  if (playlists.length > 1) {
    const known = playlists.slice(0, 10).map((one) => one.replace(PLAYLIST, ''));
    throw folderError('VD_FOLDER_AMBIGUOUS', `${folder} has ${playlists.length} playlists: ${known.join(', ')}`);
  }
  // A playlist may go, with its publisher, before its files do: those of a writer of playlists are not taken without.
  return layout === 'auto' && name === undefined && names.length > 0 ? { folder } : null;
}

/**
 * Reads a playlist; of one that names others, the one with most bandwidth.
 * @returns null where there is none, or it is not written yet
 * @throws VD_FOLDER_PLAYLIST_INVALID, VD_FOLDER_PLAYLIST_UNREADABLE, VD_FOLDER_ENCRYPTED, VD_FOLDER_BYTE_RANGES
 */
export async function readPlaylist(path: string, folders: Folders): Promise<ReadPlaylist | null> {
  const text = await readText(path);
  if (text === null || text === '') return null;
  const parsed = parseForeignPlaylist(text);
  if (parsed.kind === 'media') return { playlist: parsed, folder: dirname(path), text };
  const [best] = parsed.variants;
  if (best === undefined) return null;
  const folder = await folders.resolve(dirname(join(dirname(path), best)));
  const inner = await readText(join(folder, basename(best)));
  if (inner === null || inner === '') return null;
  const media = parseForeignPlaylist(inner);
  if (media.kind === 'master') throw folderError('VD_FOLDER_PLAYLIST_INVALID', `${best} names further playlists`);
  return { playlist: media, folder, text: inner };
}

/**
 * @returns null where there is no such file
 * @throws VD_FOLDER_SEGMENT_DENIED where its folder may be listed and not entered
 */
export async function factsOf(path: string): Promise<FileFacts | null> {
  try {
    const facts = await lstat(path);
    return { isFile: facts.isFile(), sizeBytes: facts.size, mtimeMs: facts.mtimeMs };
  } catch (error) {
    if (isMissing(error)) return null;
    if ((error as NodeJS.ErrnoException).code === 'EACCES')
      throw folderError('VD_FOLDER_SEGMENT_DENIED', errorText(error), { cause: error });
    throw error;
  }
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (facts) => facts.isDirectory(),
    (error: unknown) => {
      if (isMissing(error)) return false;
      throw error;
    },
  );
}

async function readText(path: string): Promise<string | null> {
  const unreadable = (why: string, cause?: unknown) =>
    folderError('VD_FOLDER_PLAYLIST_UNREADABLE', `${path}: ${why}`, cause === undefined ? {} : { cause });
  try {
    // No link is followed, and no pipe waited for.
    const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      const facts = await handle.stat();
      if (!facts.isFile()) throw unreadable('it is no plain file');
      if (facts.size > MAX_PLAYLIST_BYTES) throw unreadable(`it has ${facts.size} bytes`);
      const bytes = Buffer.alloc(facts.size);
      const { bytesRead } = await handle.read(bytes, 0, facts.size, 0);
      return bytes.toString('utf8', 0, bytesRead);
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (isMissing(error)) return null;
    if (['EACCES', 'EPERM', 'ELOOP', 'ENXIO', 'EISDIR', 'EIO'].includes((error as NodeJS.ErrnoException).code ?? ''))
      throw unreadable(errorText(error), error);
    throw error;
  }
}

export function isMissing(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOENT' || code === 'ENOTDIR';
}
