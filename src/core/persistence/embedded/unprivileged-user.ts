import { execFile } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { databaseError } from '../../errors/database.errors.js';

const run = promisify(execFile);

/** How to start a program that refuses to run as root. */
export interface Launcher {
  /** Owner the program's files need; absent when we are not root. */
  readonly owner?: { readonly uid: number; readonly gid: number };
  /** Turns a command into the one to spawn. */
  wrap(program: string, args: readonly string[]): { program: string; args: string[]; uid?: number; gid?: number };
}

/**
 * PostgreSQL refuses to run as root: root starts it as user `postgres`, made when missing.
 * Where that user cannot pass through a parent folder (a checkout below /root), the process keeps the capabilities to
 * read and write files past permission bits, and no other privilege.
 *
 * @param paths what the program must reach: itself and its data folder's parent
 * @throws VD_DATABASE_DIR_UNUSABLE
 */
export async function unprivilegedLauncher(paths: readonly string[]): Promise<Launcher> {
  if (process.getuid?.() !== 0) return { wrap: (program, args) => ({ program, args: [...args] }) };
  const owner = await postgresUser();
  const blocked = await firstUnreachable(paths, owner);
  if (blocked === null) return { owner, wrap: (program, args) => ({ program, args: [...args], ...owner }) };
  try {
    await run('setpriv', ['--version']);
  } catch (cause) {
    throw databaseError('VD_DATABASE_DIR_UNUSABLE', `User postgres cannot pass through ${blocked}`, {
      cause,
      fix: `Run as an ordinary user, move the folder out of ${blocked}, or run: chmod o+x ${blocked}`,
    });
  }
  const capabilities = '+dac_override,+dac_read_search';
  const setpriv = [
    `--reuid=${owner.uid}`,
    `--regid=${owner.gid}`,
    '--clear-groups',
    `--inh-caps=${capabilities}`,
    `--ambient-caps=${capabilities}`,
  ];
  return { owner, wrap: (program, args) => ({ program: 'setpriv', args: [...setpriv, program, ...args] }) };
}

async function postgresUser(): Promise<{ uid: number; gid: number }> {
  const lookUp = async (): Promise<{ uid: number; gid: number }> => {
    const [uid, gid] = await Promise.all([run('id', ['-u', 'postgres']), run('id', ['-g', 'postgres'])]);
    return { uid: Number.parseInt(uid.stdout, 10), gid: Number.parseInt(gid.stdout, 10) };
  };
  try {
    return await lookUp();
  } catch {
    try {
      await run('useradd', ['--system', '--user-group', '--no-create-home', 'postgres']);
    } catch (cause) {
      // Two starts at once: the other one may have made it meanwhile, which the look-up below tells.
      return lookUp().catch(() => {
        throw databaseError('VD_DATABASE_DIR_UNUSABLE', 'PostgreSQL does not run as root and user postgres could not be made', {
          cause,
          fix: 'Run as an ordinary user, or make a user named postgres.',
        });
      });
    }
    return lookUp();
  }
}

async function firstUnreachable(paths: readonly string[], user: { uid: number; gid: number }): Promise<string | null> {
  const folders = new Set<string>();
  for (const path of paths) for (let at = dirname(path); !folders.has(at); at = dirname(at)) folders.add(at);
  for (const folder of [...folders].sort((a, b) => a.length - b.length)) {
    const { mode, uid, gid } = await stat(folder);
    const bit = uid === user.uid ? 0o100 : gid === user.gid ? 0o010 : 0o001;
    if ((mode & bit) === 0) return folder;
  }
  return null;
}
