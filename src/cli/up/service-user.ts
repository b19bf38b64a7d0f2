import { existsSync } from 'node:fs';
import { chmod, mkdir, readdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runProgram, type ChildEnvironment } from '../../core/children/child-process.js';
import type { CommandWrapper } from '../../core/children/confinement.js';
import { groupIds, systemUser, type SystemUser } from '../../core/children/system-user.js';
import { unprivilegedLauncher } from '../../core/children/unprivileged-launcher.js';
import { filesInEnvironment, nodeEnvironment, programEnvironment } from '../../core/config/child-environment.js';
import { DATA_FOLDERS } from '../../core/config/data-folders.js';
import type { LoadedConfig } from '../../core/config/load-config.js';
import { errorText } from '../../core/plugin-api/error.js';

export const SERVICE_USER = 'vedette';
const PACKAGE = fileURLToPath(new URL('../../../', import.meta.url));
/** By these a user reaches cameras, microphones and hardware that decodes. */
const DEVICE_GROUPS = ['video', 'audio', 'render'];
/** What the ingest role makes in the media folder: nothing else in it is touched. */
const OURS = /^(\.ingest-id|\.open|[0-9a-f]{8}-[0-9a-f-]{27})$/;
const ROOT: SystemUser = { name: 'root', uid: 0, gid: 0 };
const ROLE_WRITTEN = [...DATA_FOLDERS.roles, ...DATA_FOLDERS.children];

/** As whom roles run. */
export interface RoleAccount {
  /** Absent: as who runs this process. */
  readonly as?: SystemUser & { readonly wrapper: CommandWrapper };
  readonly environment: ChildEnvironment;
  /** Why root's roles do not run as {@link SERVICE_USER}. */
  readonly obstacle?: string;
}

/**
 * Root runs the roles as user `vedette`, made when missing, who then owns what they write; `data/secrets` stays root's and the database
 * PostgreSQL's. They keep one right, to listen on ports below 1024, which also keeps their own children from looking into them: the
 * system lets a process look into another of its user only when it has all of the other's rights.
 * Where that user cannot read what the config names, they run as root, and the caller says so.
 */
export async function roleAccount(loaded: LoadedConfig): Promise<RoleAccount> {
  const account = await findRoleAccount(loaded);
  // Children without root's rights must be able to write where only their owner can: if it is not the one, it is the other.
  if (process.getuid?.() === 0) await giveFolders(loaded, account.as ?? ROOT, programEnvironment());
  return account;
}

/** The same, and gives it nothing yet. */
export async function findRoleAccount(loaded: LoadedConfig): Promise<RoleAccount> {
  const environment = nodeEnvironment();
  if (process.getuid?.() !== 0) return { environment };
  const { dataDir, mediaDir } = loaded.config;
  const env = programEnvironment();
  try {
    // PostgreSQL and the roles pass through it; what is in it is closed by itself.
    await chmod(dataDir, ((await stat(dataDir)).mode & 0o7777) | 0o001);
    const user = await systemUser(SERVICE_USER, env);
    const wrapper = await unprivilegedLauncher({
      user,
      env,
      paths: [PACKAGE, process.execPath, dataDir, ...namedFiles(loaded)],
      given: [mediaDir],
      groups: [user.gid, ...(await groupIds(DEVICE_GROUPS, env))],
      capabilities: ['net_bind_service'],
    });
    return { as: { ...user, wrapper }, environment: { ...nodeEnvironment(undefined, { isOfAnotherUser: true }) } };
  } catch (error) {
    return { environment, obstacle: errorText(error) };
  }
}

async function giveFolders({ config: { dataDir, mediaDir } }: LoadedConfig, user: SystemUser, env: ChildEnvironment): Promise<void> {
  const folders = ROLE_WRITTEN.map((name) => join(dataDir, name));
  await Promise.all(folders.map((folder) => mkdir(folder, { recursive: true })));
  const streams = (await readdir(mediaDir)).filter((name) => OURS.test(name));
  const foreign = async (path: string): Promise<boolean> => (await stat(path)).uid !== user.uid;
  const whole = await Promise.all(folders.map(async (folder) => ((await foreign(folder)) ? [folder] : [])));
  const media = (await foreign(mediaDir)) ? streams.map((name) => join(mediaDir, name)) : [];
  const chown = (flags: readonly string[], paths: readonly string[], uid = user.uid): Promise<unknown> =>
    paths.length === 0 ? Promise.resolve() : runProgram('chown', [...flags, '--', `${uid}:${user.gid}`, ...paths], { env });
  // What roles write to their standard output is kept by this process, and shown by the API, which reads it through its group.
  const logs = join(dataDir, 'logs');
  await mkdir(logs, { recursive: true });
  await chown(['-RhP'], [logs], ROOT.uid);
  // The media folder itself last: it is the sign that all in it was given.
  await chown(['-RhP'], [...whole.flat(), ...media]);
  await chown(['-h'], [mediaDir]);
  // What the command line adds as root is readable by the roles through their group.
  await Promise.all([...folders, logs].map((folder) => chmod(folder, 0o2750)));
}

/** Files and folders that the config names anywhere in it, or a variable as a secret's or a library's file. */
function namedFiles({ config, file, baseDir }: LoadedConfig): readonly string[] {
  const texts: string[] = config.packaging.ffmpegPath === undefined ? [] : [config.packaging.ffmpegPath];
  const collect = (value: unknown): void => {
    if (typeof value === 'string') texts.push(value);
    else if (typeof value === 'object' && value !== null) Object.values(value).forEach(collect);
  };
  collect(config.plugins);
  const paths = texts.filter((text) => text.includes('/')).map((text) => resolve(baseDir, text));
  return [...new Set([...paths, ...filesInEnvironment()])].filter((path) => path !== file && existsSync(path));
}
