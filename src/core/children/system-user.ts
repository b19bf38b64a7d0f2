import { runProgram, type ChildEnvironment } from './child-process.js';

export interface SystemUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/** A user of the system that programs run as, made when it is missing; needs root. @throws when there is none and none can be made */
export async function systemUser(name: string, env: ChildEnvironment): Promise<SystemUser> {
  const id = async (flag: '-u' | '-g'): Promise<number> => Number.parseInt((await runProgram('id', [flag, name], { env })).stdout, 10);
  const lookUp = async (): Promise<SystemUser> => {
    const [uid, gid] = await Promise.all([id('-u'), id('-g')]);
    return { name, uid, gid };
  };
  try {
    return await lookUp();
  } catch {
    try {
      await runProgram('useradd', ['--system', '--user-group', '--no-create-home', '--shell', '/usr/sbin/nologin', name], { env });
    } catch (cause) {
      // Two starts at once: the other one may have made it meanwhile, which the look-up tells.
      return lookUp().catch(() => {
        throw new Error(`user ${name} could not be made`, { cause });
      });
    }
    return lookUp();
  }
}

/** Those of the groups that this system has, as numbers: by them a user reaches devices. */
export async function groupIds(names: readonly string[], env: ChildEnvironment): Promise<readonly number[]> {
  const { stdout } = await runProgram('getent', ['group', ...names], { env }).catch((error: { stdout?: string }) => ({
    stdout: error.stdout ?? '',
  }));
  return stdout.split('\n').flatMap((line) => {
    const id = Number.parseInt(line.split(':')[2] ?? '', 10);
    return Number.isInteger(id) ? [id] : [];
  });
}
