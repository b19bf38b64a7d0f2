import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serialize } from 'node:v8';
import { HANDED_OVER_BY } from '../children/handed-over.js';
import { LEAN_HEAP } from '../children/lean-heap.js';
import { nodeEnvironment, variablesToHandOver } from './child-environment.js';

/** Commands that run on; no command is `up`. The others are gone before anybody looks, and may want their standard input. */
const LASTING = /^(up|api|ingest|worker|worker-host|-.*)$/;
/** Names of variables that carry credentials: whole words between underscores, and PostgreSQL's own PG… set. */
const CREDENTIALS = /^PG[A-Z]+$|(^|_)(DATABASE|REDIS|PASSWORD|PASSWD|SECRET|TOKEN|KEY|CREDENTIALS?)(_|$)/;

/**
 * Starts this program over in the same process, without the credentials that its environment was given: the system shows a process's
 * first environment for as long as it lives, to every process of the same user. They go along in a file without a name, as standard
 * input, where `takeHandOver` finds them. Returns where there are none, and where it cannot be done (Windows, a parent that
 * listens for messages, no folder for temporary files): then all is as it was.
 */
export function concealEnvironment(current: NodeJS.Process = process): void {
  const { env, execve, argv } = current;
  if (!LASTING.test(argv[2] ?? 'up')) return;
  const isShown = Object.keys(env).some((name) => CREDENTIALS.test(name.toUpperCase()));
  if (!isShown || execve === undefined || current.platform === 'win32' || current.connected) return;
  if (!putAtStandardInput(serialize({ variables: variablesToHandOver(env) }))) return;
  const environment = { ...nodeEnvironment(env), [HANDED_OVER_BY]: '0' } as Record<string, string>;
  execve.call(current, current.execPath, [current.execPath, ...LEAN_HEAP, ...current.execArgv, ...argv.slice(1)], environment);
}

/** Only the standard streams outlive the change; what is opened first after one was closed takes its place. */
function putAtStandardInput(bytes: Uint8Array): boolean {
  let folder: string | undefined;
  try {
    folder = mkdtempSync(join(tmpdir(), 'vedette-environment-'));
    const file = join(folder, 'variables');
    writeFileSync(file, bytes, { mode: 0o600, flag: 'wx' });
    closeSync(0);
    if (openSync(file, 'r') === 0) return true;
    throw new Error('standard input was taken by another file');
  } catch {
    return false;
  } finally {
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  }
}
