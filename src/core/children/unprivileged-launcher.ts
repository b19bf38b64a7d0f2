import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { runProgram, type ChildEnvironment } from './child-process.js';
import type { CommandWrapper } from './confinement.js';
import type { SystemUser } from './system-user.js';

export interface UnprivilegedLaunch {
  readonly user: SystemUser;
  /** What the program must reach, itself included. Parent folders that the user cannot pass through are taken out of the way. */
  readonly paths: readonly string[];
  /** The same, of what will be the user's before anything is started. */
  readonly given?: readonly string[];
  /** Groups besides the user's own. */
  readonly groups?: readonly number[];
  /** The capabilities that it keeps, such as `net_bind_service`. */
  readonly capabilities?: readonly string[];
  readonly env: ChildEnvironment;
}

/** The user cannot read what it needs, or not pass through to it, and this machine allows no way around that. */
export class Unreachable extends Error {
  /** @param folder the outermost that it cannot pass through; undefined when it can pass through all of them */
  constructor(
    user: SystemUser,
    readonly folder: string | undefined,
    detail: string,
    options: ErrorOptions,
  ) {
    super(`user ${user.name} cannot ${folder === undefined ? 'read everything it needs' : `pass through ${folder}`}: ${detail}`, options);
  }
}

/**
 * Covers folders (up to the first `--`) with empty ones that everybody can pass through, and puts back the paths (up to the second)
 * from below, in a namespace that only the program sees. What else is in those folders it does not see at all. Descriptors 3 and 4
 * are the program's own: messages, and what is handed over to it.
 */
const PASS_THROUGH = `
set -e
covers=; n=5
while [ "$1" != -- ]; do eval "exec $n<\\"\\$1\\""; covers="$covers $1"; n=$((n+1)); shift; done
shift
for at in $covers; do mount -t tmpfs -o mode=755,size=64k,nosuid,nodev vedette "$at"; done
while [ "$1" != -- ]; do
  n=5
  for at in $covers; do
    case "$1" in "$at"/*) below="/proc/self/fd/$n/\${1#"$at"/}" ;; esac
    n=$((n+1))
  done
  if [ -d "$below" ]; then (umask 022; mkdir -p "$1"); else (umask 022; mkdir -p "$(dirname "$1")"; : > "$1"); fi
  mount -c --rbind "$below" "$1"
  shift
done
shift
n=5
for at in $covers; do eval "exec $n<&-"; n=$((n+1)); done
exec "$@"`;
/** Whether the user can use what it needs; run as that user. */
const TRIAL = 'for at; do { [ -d "$at" ] && [ -x "$at" ]; } || [ -r "$at" ] || { echo "$at is not readable" >&2; exit 1; }; done';
/** Descriptors beyond 9 have no name in a shell. */
const MAX_COVERS = 5;

/**
 * How root starts a program as an unprivileged user: with the capabilities it is given and no way to others.
 * @throws Unreachable
 */
export async function unprivilegedLauncher(launch: UnprivilegedLaunch): Promise<CommandWrapper> {
  const { user, paths, given = [], env } = launch;
  const blocked = await unreachableFolders([...paths, ...given], user);
  const kept = outermost([...paths, ...given].filter((path) => blocked.some((folder) => path.startsWith(`${folder}/`))));
  const passing =
    blocked.length === 0 ? [] : ['unshare', '--mount', '--', 'sh', '-c', PASS_THROUGH, 'vedette', ...blocked, '--', ...kept, '--'];
  const launcher = launcherOf([...passing, ...unprivileged(launch)]);
  try {
    if (blocked.length > MAX_COVERS || blocked.some((folder) => /\s/.test(folder)))
      throw new RangeError(`too many such folders, or one with blanks: ${blocked.join(', ')}`);
    const { program, args } = launcher.wrap('sh', ['-c', TRIAL, 'vedette', ...paths]);
    await runProgram(program, args, { env });
    return launcher;
  } catch (cause) {
    // Without setpriv the user is the same, and loses root's rights by that alone.
    if (blocked.length === 0 && (cause as NodeJS.ErrnoException).code === 'ENOENT')
      return { wrap: (program, args) => ({ program, args, uid: user.uid, gid: user.gid }) };
    const { stderr, message } = cause as { stderr?: string; message: string };
    throw new Unreachable(user, blocked[0], (stderr ?? '').trim().split('\n').at(-1) || message, { cause });
  }
}

const launcherOf = (prefix: readonly string[]): CommandWrapper => ({
  wrap: (program, args) => ({ program: prefix[0] ?? program, args: [...prefix.slice(1), program, ...args] }),
});

function unprivileged({ user, groups = [], capabilities = [] }: UnprivilegedLaunch): readonly string[] {
  const kept = ['-all', ...capabilities.map((name) => `+${name}`)].join(',');
  return [
    'setpriv',
    `--reuid=${user.uid}`,
    `--regid=${user.gid}`,
    groups.length === 0 ? '--clear-groups' : `--groups=${groups.join(',')}`,
    ...['inh-caps', 'ambient-caps', 'bounding-set'].map((set) => `--${set}=${kept}`),
    '--no-new-privs',
    '--',
  ];
}

const outermost = (paths: readonly string[]): readonly string[] =>
  paths.filter((path) => !paths.some((other) => path !== other && path.startsWith(other.endsWith('/') ? other : `${other}/`)));

/** The outermost folders above the paths that the user cannot pass through. */
async function unreachableFolders(paths: readonly string[], user: SystemUser): Promise<readonly string[]> {
  const folders = new Set<string>();
  for (const path of paths) for (let at = dirname(path); !folders.has(at); at = dirname(at)) folders.add(at);
  const blocked: string[] = [];
  for (const folder of [...folders].sort((a, b) => a.length - b.length)) {
    if (blocked.some((outer) => folder.startsWith(`${outer}/`))) continue;
    const { mode, uid, gid } = await stat(folder);
    const bit = uid === user.uid ? 0o100 : gid === user.gid ? 0o010 : 0o001;
    if ((mode & bit) === 0) blocked.push(folder);
  }
  return blocked;
}
