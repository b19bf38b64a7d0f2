import { chown } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { ChildCommand } from '../../children/confinement.js';
import { systemUser } from '../../children/system-user.js';
import { Unreachable, unprivilegedLauncher } from '../../children/unprivileged-launcher.js';
import { programEnvironment } from '../../config/child-environment.js';
import { databaseError } from '../../errors/database.errors.js';
import { errorText } from '../../plugin-api/error.js';

const USER = 'postgres';

/**
 * Turns a command of PostgreSQL into the one to spawn: it refuses to run as root, so root starts it as user `postgres`, made when
 * missing, without any capability.
 * @param files what the program must reach besides itself; those `given` become that user's
 * @throws VD_DATABASE_DIR_UNUSABLE
 */
export async function postgresCommand(
  program: string,
  args: readonly string[],
  files: { readonly given?: readonly string[]; readonly reached?: readonly string[] },
): Promise<ChildCommand> {
  if (process.getuid?.() !== 0) return { program, args };
  const { given = [], reached = [] } = files;
  const env = programEnvironment();
  try {
    const user = await systemUser(USER, env);
    await Promise.all(given.map((path) => chown(path, user.uid, user.gid)));
    // The program finds its libraries and templates beside its folder.
    const launcher = await unprivilegedLauncher({ user, paths: [dirname(dirname(program)), ...given, ...reached], env });
    return launcher.wrap(program, args);
  } catch (cause) {
    if (cause instanceof Unreachable && cause.folder !== undefined) {
      throw databaseError('VD_DATABASE_DIR_UNUSABLE', cause.message, {
        cause,
        fix: `Run as an ordinary user, move the folder out of ${cause.folder}, or run: chmod o+x ${cause.folder}`,
      });
    }
    throw databaseError('VD_DATABASE_DIR_UNUSABLE', `PostgreSQL does not run as root: ${errorText(cause)}`, {
      cause,
      fix: `Run as an ordinary user, or make a user named ${USER}.`,
    });
  }
}
