import { constants } from 'node:fs';
import { open, realpath, type FileHandle } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { analysisError } from '../../errors/analysis.errors.js';
import { initializationPath } from '../segment-name.js';
import { MAX_SEGMENT_BYTES } from './segment-files.js';
import { errorText } from '../../plugin-api/error.js';

/**
 * Reads a segment from the media folder, with its initialization before it where it needs one. The path must stay below the folder, its
 * folders resolve inside it, and the file itself is a regular one, not a link.
 * @param path below `mediaDir`, forward slashes
 * @throws VD_ANALYSIS_PATH, VD_ANALYSIS_READ_FAILED
 */
export async function readSegment(mediaDir: string, path: string): Promise<Buffer> {
  const before = initializationPath(path);
  if (before === null) return readFile(mediaDir, path);
  return Buffer.concat(await Promise.all([readFile(mediaDir, before), readFile(mediaDir, path)]));
}

async function readFile(mediaDir: string, path: string): Promise<Buffer> {
  const file = resolve(mediaDir, path);
  if (isAbsolute(path) || !isInside(mediaDir, file)) throw analysisError('VD_ANALYSIS_PATH', `${path} leaves the media folder`);
  try {
    const [root, folder] = await Promise.all([realpath(mediaDir), realpath(dirname(file))]);
    if (!isInside(root, join(folder, 'x')))
      throw analysisError('VD_ANALYSIS_PATH', `the folder of ${path} is a link out of the media folder`);
    const handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      return await readRegular(handle, path);
    } finally {
      await handle.close();
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ELOOP') throw analysisError('VD_ANALYSIS_PATH', `${path} is a link`);
    if (error instanceof Error && code?.startsWith('VD_')) throw error;
    throw analysisError('VD_ANALYSIS_READ_FAILED', `${path}: ${errorText(error)}`, { cause: error });
  }
}

async function readRegular(handle: FileHandle, path: string): Promise<Buffer> {
  const facts = await handle.stat();
  if (!facts.isFile()) throw analysisError('VD_ANALYSIS_PATH', `${path} is not a regular file`);
  if (facts.size > MAX_SEGMENT_BYTES)
    throw analysisError('VD_ANALYSIS_PATH', `${path} has ${facts.size} bytes, more than ${MAX_SEGMENT_BYTES}`);
  return handle.readFile();
}

function isInside(root: string, file: string): boolean {
  const between = relative(root, file);
  return between !== '' && !between.startsWith(`..${sep}`) && between !== '..' && !isAbsolute(between);
}
