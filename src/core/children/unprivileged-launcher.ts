import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { runProgram, type ChildEnvironment } from './child-process.js';
import type { CommandWrapper } from './confinement.js';
import type { SystemUser } from './system-user.js';

export interface UnprivilegedLaunch {
  readonly user: SystemUser;
  /** What the program must reach, itself included. Parent folders that the user cannot pass through are taken out of the way. */
  readonly paths: readonly string[];
  /** Groups besides the user's own. */
  readonly groups?: readonly number[];
  /** The capabilities that it keeps, such as `net_bind_service`. */
  readonly capabilities?: readonly string[];
  readonly env: ChildEnvironment;
}

/** The user cannot pass through a folder, and this machine allows no way around it. */
export class Unreachable extends Error {
  constructor(
    readonly folder: string,
    cause: unknown,
  ) {
    super(`it is below ${folder}, which the user cannot pass through`, { cause });
  }
}

/**
 * Covers folders (up to the first `--`) with empty ones that everybody can pass through, and puts back the paths (up to the second),
 * held open meanwhile, in a namespace that only the program sees. What else is in those folders it does not see at all.
 */
const PASS_THROUGH = `
set -e
covers=
while [ "$1" != -- ]; do covers="$covers $1"; shift; done
shift
keep=; n=3
while [ "$1" != -- ]; do eval "exec $n<\\"\\$1\\""; keep="$keep $1"; n=$((n+1)); shift; done
shift
for at in $covers; do mount -t tmpfs -o mode=755,size=64k,nosuid,nodev vedette "$at"; done
n=3
for at in $keep; do
  if [ -d "/proc/self/fd/$n" ]; then mkdir -p "$at"; else mkdir -p "$(dirname "$at")"; : > "$at"; fi
  mount -c --rbind "/proc/self/fd/$n" "$at"
  eval "exec $n<&-"
  n=$((n+1))
done
exec "$@"`;
/** More file descriptors the shell cannot name; blanks would end a path. */
const MAX_KEPT = 7;

/**
 * How root starts a program as an unprivileged user: with the capabilities it is given and no way to others.
 * @throws Unreachable
 */
export async function unprivilegedLauncher(launch: UnprivilegedLaunch): Promise<CommandWrapper> {
  const { user, env } = launch;
  const blocked = await unreachableFolders(launch.paths, user);
  const [first] = blocked;
  if (first === undefined) {
    const hasSetpriv = await runProgram('setpriv', ['--version'], { env }).then(
      () => true,
      () => false,
    );
    if (hasSetpriv) return launcherOf(unprivileged(launch));
    return { wrap: (program, args) => ({ program, args, uid: user.uid, gid: user.gid }) };
  }
  const kept = outermost(launch.paths.filter((path) => blocked.some((folder) => path.startsWith(`${folder}/`))));
  const launcher = launcherOf([
    'unshare',
    '--mount',
    '--',
    'sh',
    '-c',
    PASS_THROUGH,
    'vedette',
    ...blocked,
    '--',
    ...kept,
    '--',
    ...unprivileged(launch),
  ]);
  try {
    if (kept.length > MAX_KEPT || [...blocked, ...kept].some((path) => /\s/.test(path))) throw new RangeError('a path with blanks');
    const { program, args } = launcher.wrap('sh', [
      '-c',
      'for at; do [ -r "$at" ] || { echo "$at is not readable" >&2; exit 1; }; done',
      'vedette',
      ...kept,
    ]);
    await runProgram(program, args, { env });
  } catch (cause) {
    throw new Unreachable(first, cause);
  }
  return launcher;
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
