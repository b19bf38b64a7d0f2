import { readdir, readFile } from 'node:fs/promises';
import { sep } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { runProgram } from '../../children/child-process.js';
import { programEnvironment } from '../../config/child-environment.js';
import type { Logger } from '../../plugin-api/index.js';

const GRACE_MS = 4000;
const LOOK_EVERY_MS = 50;

/**
 * Ends ffmpeg processes that an ingest role left behind when it was killed: those that write below this media folder, which
 * belongs to one ingest role. They get the time to close their segment, then are killed. Call before anything is packaged.
 */
export async function endOrphanedPackagers(mediaDir: string, logger: Logger): Promise<void> {
  const orphans = await packagersBelow(mediaDir);
  if (orphans.length === 0) return;
  logger.warn('Ending ffmpeg processes that an earlier run left behind', { pids: orphans });
  for (const pid of orphans) signal(pid, 'SIGTERM');
  for (let waitedMs = 0; waitedMs < GRACE_MS; waitedMs += LOOK_EVERY_MS) {
    if ((await packagersBelow(mediaDir)).length === 0) return;
    await delay(LOOK_EVERY_MS);
  }
  for (const pid of await packagersBelow(mediaDir)) signal(pid, 'SIGKILL');
}

async function packagersBelow(mediaDir: string): Promise<number[]> {
  const mine = (output: string) => output.startsWith(mediaDir.endsWith(sep) ? mediaDir : mediaDir + sep);
  const commands = process.platform === 'linux' ? await commandsFromProc() : await commandsFromPs();
  return commands.filter(({ program, output }) => /(^|[\\/])ffmpeg[^\\/]*$/.test(program) && mine(output)).map(({ pid }) => pid);
}

interface RunningCommand {
  readonly pid: number;
  readonly program: string;
  /** The last argument: where ffmpeg writes to. */
  readonly output: string;
}

async function commandsFromProc(): Promise<RunningCommand[]> {
  const commands: RunningCommand[] = [];
  for (const entry of await readdir('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    // A process may end while it is looked at, and a zombie has no command line.
    const words = (await readFile(`/proc/${entry}/cmdline`, 'utf8').catch(() => '')).split('\0').filter((word) => word !== '');
    if (words.length > 1) commands.push({ pid: Number(entry), program: words[0]!, output: words.at(-1)! });
  }
  return commands;
}

async function commandsFromPs(): Promise<RunningCommand[]> {
  const { stdout } = await runProgram('ps', ['-axo', 'pid=,args='], { env: programEnvironment() }).catch(() => ({ stdout: '' }));
  return stdout.split('\n').flatMap((line) => {
    const match = /^\s*(\d+)\s+(\S+)\s.*?-hls_segment_filename\s.*\.ts\s(.+)$/.exec(line);
    return match === null ? [] : [{ pid: Number(match[1]), program: match[2]!, output: match[3]! }];
  });
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
