/** Limits that a system call ran into, by its error, in words that name the setting. */
const LIMITS: Readonly<Record<string, string>> = {
  EMFILE: 'open files of one process (`ulimit -n`, LimitNOFILE=)',
  ENFILE: "open files of the machine (the kernel's fs.file-max)",
  EAGAIN: "processes (`ulimit -u`, TasksMax=, the container's pids limit)",
  ENOMEM: 'memory (of the machine or the container)',
  ENOSPC: 'space on the disk',
  EDQUOT: "the disk quota of this program's user",
};

/**
 * Which limit of the machine was used up when this error came, as far as it says so.
 * @example exhaustedLimit(Object.assign(new Error('open'), { code: 'EMFILE' })) // 'open files of one process (…)'
 */
export function exhaustedLimit(error: unknown): string | undefined {
  const { code, message } = (error ?? {}) as { code?: unknown; message?: unknown };
  const name = typeof code === 'string' && code in LIMITS ? code : /\b(E[A-Z]{4,6})\b/.exec(String(message))?.[1];
  return name === undefined ? undefined : LIMITS[name];
}
