import { randomBytes } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { errorText, writeWholeFile } from '../plugin-api/index.js';
import { workerHostError } from './protocol/errors.js';
import { MIN_TOKEN_CHARS } from './protocol/limits.js';

const MAX_TOKEN_BYTES = 64_000;
const TOKEN_BYTES = 32;

export interface HostToken {
  readonly token: string;
  /** Where it is kept; absent for one that stands in the config. */
  readonly file?: string;
}

/**
 * The token that the host shares with its workers: one that it made itself when it first started, of which nobody can guess anything.
 * One that the operator gives is taken instead.
 * @param given `file` wins; a file that is not there yet gets a token
 * @throws VD_REMOTE_TOKEN_UNREADABLE, VD_REMOTE_TOKEN_SHORT
 */
export async function hostToken(
  dataDir: string,
  given: { readonly token?: string | undefined; readonly file?: string | undefined },
): Promise<HostToken> {
  if (given.file === undefined && given.token !== undefined) return { token: longEnough(given.token, 'workerHost.token') };
  const file = given.file ?? join(dataDir, 'worker-host', 'token');
  return { token: longEnough(read(file) ?? (await make(file)), file), file };
}

function read(file: string): string | undefined {
  try {
    const { size } = statSync(file);
    if (size > MAX_TOKEN_BYTES) throw new Error(`it has ${size} bytes, more than ${MAX_TOKEN_BYTES}`);
    return readFileSync(file, 'utf8').trim();
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw workerHostError('VD_REMOTE_TOKEN_UNREADABLE', `${file}: ${errorText(cause)}`, { cause });
  }
}

/** Whole or not at all, readable for its user only; of two hosts that start at once, both take the token of the first. */
async function make(file: string): Promise<string> {
  try {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    const token = randomBytes(TOKEN_BYTES).toString('base64url');
    await writeWholeFile(file, `${token}\n`, { mode: 0o600, isNew: true }).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
  } catch (cause) {
    throw workerHostError('VD_REMOTE_TOKEN_UNREADABLE', `a token cannot be kept in ${file}: ${errorText(cause)}`, { cause });
  }
  return read(file) ?? '';
}

function longEnough(token: string, where: string): string {
  if (token.length >= MIN_TOKEN_CHARS) return token;
  throw workerHostError('VD_REMOTE_TOKEN_SHORT', `${where} has ${token.length} characters, ${MIN_TOKEN_CHARS} are needed`);
}
