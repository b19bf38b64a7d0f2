import { execFile, execFileSync, spawn, type ChildProcess, type SpawnOptions } from 'node:child_process';
import { serialize } from 'node:v8';
import { promisify } from 'node:util';
import { Confinement, type ChildLimits, type CommandWrapper } from './confinement.js';
import { HANDED_OVER_BY } from './handed-over.js';
import { LEAN_ALLOCATOR, LEAN_HEAP } from './lean-heap.js';

export type { ChildProcess };

declare const allowed: unique symbol;
/** What a child finds in its environment. Only `core/config/child-environment.ts` makes one, by allow-lists. */
export type ChildEnvironment = NodeJS.ProcessEnv & { readonly [allowed]: true };

export interface ChildOptions extends Omit<SpawnOptions, 'env'> {
  readonly env: ChildEnvironment;
  /** Absent: the child may do what this process may. */
  readonly confinement?: CommandWrapper | undefined;
  readonly limits?: ChildLimits;
}

export interface ForkOptions extends Omit<ChildOptions, 'stdio'> {
  /** Arguments for Node.js itself. */
  readonly execArgv?: readonly string[];
  /** Where standard input, output and error go; the channel for messages comes after them. */
  readonly stdio: readonly ['ignore' | 'pipe', 'ignore' | 'inherit' | 'pipe', 'ignore' | 'inherit' | 'pipe'];
  /** What the child gets by a pipe of its own, where nobody who looks at its environment sees it. */
  readonly handOver?: unknown;
}

/**
 * Starts a program. This file is the only way to a child process (`npm run boundaries`): none is started with an environment that
 * nobody chose.
 */
export function startChild(program: string, args: readonly string[], options: ChildOptions): ChildProcess {
  const { confinement = Confinement.NONE, limits = {}, ...spawning } = options;
  const { program: first, args: rest, ...user } = confinement.wrap(program, args, limits);
  return spawn(first, rest, { windowsHide: true, ...spawning, ...user });
}

/** Starts a file of ours in a Node.js of its own, with a channel for messages. */
export function forkModule(entry: string, args: readonly string[], options: ForkOptions): ChildProcess {
  const { execArgv = [], handOver, stdio, ...rest } = options;
  const env = { ...LEAN_ALLOCATOR, ...options.env };
  const channels: SpawnOptions['stdio'] = [...stdio, 'ipc'];
  const command = [...LEAN_HEAP, ...execArgv, entry, ...args];
  if (handOver === undefined) return startChild(process.execPath, command, { ...rest, env, stdio: channels });
  const child = startChild(process.execPath, command, {
    ...rest,
    env: { ...env, [HANDED_OVER_BY]: String(channels.length) },
    stdio: [...channels, 'pipe'],
  });
  const pipe = child.stdio[channels.length];
  if (pipe != null && 'end' in pipe) {
    // A child that is gone already says so itself.
    pipe.on('error', () => undefined);
    pipe.end(serialize(handOver));
  }
  return child;
}

export interface RunOptions {
  readonly env: ChildEnvironment;
  readonly timeoutMs?: number;
}

/** Runs a program to its end. @throws when it cannot be started, ends with another code than 0, or takes too long */
export function runProgram(
  program: string,
  args: readonly string[],
  { env, timeoutMs }: RunOptions,
): Promise<{ stdout: string; stderr: string }> {
  return promisify(execFile)(program, args, {
    env,
    maxBuffer: 16 * 1024 ** 2,
    windowsHide: true,
    ...(timeoutMs === undefined ? {} : { timeout: timeoutMs }),
  });
}

/** As {@link runProgram}, for callers that cannot wait. @returns what it wrote */
export function runProgramSync(program: string, args: readonly string[], { env, timeoutMs }: RunOptions): string {
  return execFileSync(program, args, { env, encoding: 'utf8', windowsHide: true, timeout: timeoutMs });
}
