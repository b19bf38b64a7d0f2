// Plain Node.js 20 or newer and nothing else: these scripts run before anything is installed.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants, getPriority, setPriority } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** The Node.js that the npm package `node` brings; every part of Vedette runs on this one. */
export const PINNED_NODE = join(ROOT, 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node');

/** As `nice` counts: a third of what others get where there is not enough for all. */
const PATIENCE = 5;

/** An error that is an answer: its text goes to the person as it is, its number to the shell. */
export class Refusal extends Error {
  constructor(message, exitCode = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** The environment for everything of ours: the pinned Node.js and the project's own programs come first. */
export function projectEnvironment(extra = {}) {
  const path = [join(ROOT, 'node_modules', '.bin'), process.env.PATH ?? ''].join(delimiter);
  return { ...process.env, ...extra, PATH: path };
}

/**
 * Runs a program, in the project folder if nothing else is said. Gives its exit code and, where it does not write to this process' own output, what it wrote.
 * @param show takes its output instead, as it comes
 * @param isPatient lets whatever else the machine has to do go first
 */
export function run(program, args, { env = process.env, cwd = ROOT, show, quiet = false, isPatient = false } = {}) {
  return new Promise((resolve) => {
    const isCaptured = show !== undefined || quiet;
    const stdio = ['ignore', ...(isCaptured ? ['pipe', 'pipe'] : ['inherit', 'inherit'])];
    const child = spawn(program, args, { cwd, env, stdio, shell: process.platform === 'win32' });
    if (isPatient && child.pid !== undefined) setPriority(child.pid, Math.min(getPriority() + PATIENCE, constants.priority.PRIORITY_LOW));
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text) => {
        output += text;
        show?.(text);
      });
    }
    child.once('error', (error) => resolve({ code: 127, output: `${output}${error.message}` }));
    child.once('close', (code, signal) => resolve({ code: code ?? (signal === null ? 1 : 130), output }));
  });
}

/** Runs npm itself: the one that runs us, else the one on PATH. */
export function npm(args, options) {
  const cli = process.env.npm_execpath;
  if (cli !== undefined && /\.c?js$/.test(cli) && existsSync(cli)) return run(process.execPath, [cli, ...args], options);
  return run('npm', args, options);
}

/** Ends the process with a refusal's text and number; anything else is a fault of ours and keeps its stack. */
export async function main(work) {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    process.stderr.write(`\n${error.message}\n`);
    process.exit(error.exitCode);
  }
}
