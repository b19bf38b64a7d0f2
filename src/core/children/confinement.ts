/** What a child may use at most. */
export interface ChildLimits {
  /** Memory that it may write to, counted as the kernel does: what is reserved and never touched does not count. */
  readonly memoryBytes?: number;
  /** Size of a file it writes. */
  readonly fileBytes?: number;
  readonly openFiles?: number;
}

/**
 * How far a child can be kept away on this machine, strongest first:
 * - `root-namespace`, `user-namespace`: a file system of its own in which the hidden paths are empty, and what the next one has
 * - `no-privileges`: no capabilities, and no way to any (`no_new_privs`)
 * - `limits`: rlimits only
 * - `none`: not even those (Windows)
 */
export type ConfinementKind = 'root-namespace' | 'user-namespace' | 'no-privileges' | 'limits' | 'none';

/** A command to spawn; with the user it runs as, where no program in front of it changes that. */
export interface ChildCommand {
  readonly program: string;
  readonly args: readonly string[];
  readonly uid?: number;
  readonly gid?: number;
}

/** Turns a command into the one that is spawned in its place. */
export interface CommandWrapper {
  wrap(program: string, args: readonly string[], limits?: ChildLimits): ChildCommand;
}

/**
 * Sets limits, covers each path up to `--` and becomes the program. A limit that is lower already stays; a path that is not there
 * needs no cover; one that cannot be covered is a failure, since the program would see it.
 */
const BECOME = `
limit() { [ "$2" = - ] || ulimit "$1" "$2" 2>/dev/null || :; }
ulimit -c 0; limit -d "$1"; limit -f "$2"; limit -n "$3"; shift 3
while [ "$1" != -- ]; do
  if [ -d "$1" ]; then mount -t tmpfs -o ro,nosuid,nodev,noexec,size=4k,mode=000 hidden "$1" || exit 125
  elif [ -e "$1" ]; then mount --bind /dev/null "$1" || exit 125
  fi
  shift
done
shift
exec "$@"`;

const BLOCK_BYTES = 512;

/** Who this process is; injected in tests. */
export interface Identity {
  readonly uid: number;
  readonly gid: number;
}

/**
 * Wraps the command of a child that decodes or runs what is foreign (ffmpeg, analysis hosts, model probes, picture readers), by
 * programs that every Linux has (sh, and util-linux' unshare, setpriv, mount). All of them become the next one: the child keeps the
 * pid that was started, and its parent.
 */
export class Confinement implements CommandWrapper {
  static readonly NONE = new Confinement('none', []);

  /**
   * @param hidden paths that the child must not see; covered by the two kinds with a namespace
   * @param refusals why each stronger kind does not work on this machine
   */
  constructor(
    readonly kind: ConfinementKind,
    readonly hidden: readonly string[],
    readonly refusals: Readonly<Partial<Record<ConfinementKind, string>>> = {},
    private readonly identity: Identity = { uid: process.getuid?.() ?? -1, gid: process.getgid?.() ?? -1 },
  ) {}

  /** Whether the child cannot see the hidden paths, whoever owns them. */
  get hides(): boolean {
    return this.kind === 'root-namespace' || this.kind === 'user-namespace';
  }

  wrap(program: string, args: readonly string[], limits: ChildLimits = {}): ChildCommand {
    const command = [program, ...args];
    const [first = program, ...rest] = this.prefix(command, limits);
    return { program: first, args: rest };
  }

  private prefix(command: readonly string[], limits: ChildLimits): readonly string[] {
    const { uid, gid } = this.identity;
    switch (this.kind) {
      case 'none':
        return command;
      case 'limits':
        return [...become(limits, []), ...command];
      case 'no-privileges':
        return [...become(limits, []), ...this.unprivileged, ...command];
      case 'root-namespace':
        return ['unshare', '--mount', '--', ...become(limits, this.hidden), ...this.unprivileged, ...command];
      case 'user-namespace':
        // Mounting takes root, of a namespace; the program itself is to find itself as the user that it is, in one that may mount nothing.
        return [
          ...['unshare', '--user', '--map-root-user', '--mount', '--'],
          ...become(limits, this.hidden),
          ...['unshare', '--user', `--map-user=${uid}`, `--map-group=${gid}`, '--'],
          ...this.unprivileged,
          ...command,
        ];
    }
  }

  private get unprivileged(): readonly string[] {
    // Root gets back by exec whatever the bounding set holds; others cannot change that set, and get nothing from it.
    const bounding = this.identity.uid === 0 ? ['--bounding-set=-all'] : [];
    return ['setpriv', '--no-new-privs', '--inh-caps=-all', '--ambient-caps=-all', ...bounding, '--'];
  }
}

function become({ memoryBytes, fileBytes, openFiles }: ChildLimits, hidden: readonly string[]): readonly string[] {
  const inUnits = (bytes: number | undefined, unitBytes: number): string =>
    bytes === undefined ? '-' : String(Math.ceil(bytes / unitBytes));
  return [
    'sh',
    '-c',
    BECOME,
    'vedette',
    inUnits(memoryBytes, 1024),
    inUnits(fileBytes, BLOCK_BYTES),
    inUnits(openFiles, 1),
    ...hidden,
    '--',
  ];
}
