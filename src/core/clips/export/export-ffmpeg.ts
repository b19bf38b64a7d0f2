import { once } from 'node:events';
import { setPriority } from 'node:os';
import { pipeline } from 'node:stream/promises';
import { Readable } from 'node:stream';
import { startChild, type ChildProcess } from '../../children/child-process.js';
import type { ChildLimits } from '../../children/confinement.js';
import type { LazyConfinement } from '../../config/child-confinement.js';
import { programEnvironment } from '../../config/child-environment.js';
import { clipError } from '../../errors/clip.errors.js';
import { errorText } from '../../plugin-api/index.js';

export interface FfmpegRun {
  /** What it runs with, output included: names of ours alone, relative to `folder`. */
  readonly args: readonly string[];
  readonly folder: string;
  /** What it reads from standard input. */
  readonly source?: AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
  /** Whether what it writes to standard output is wanted. */
  readonly isCaptured?: boolean;
  /** It may write no more than this to a file. */
  readonly fileBytes: number;
  readonly signal: AbortSignal;
}

/** Whatever else runs on this machine goes before. */
const PRIORITY = 15;
const MEMORY_BYTES = 4 * 1024 ** 3;
const OPEN_FILES = 256;
/** Of one allocation of ffmpeg's own: see `packaging/ffmpeg-arguments.ts`. */
const MAX_ALLOCATION_BYTES = 256 * 1024 ** 2;
const KEPT_TEXT = 2_000;
/** The system ends who writes more to a file than it may. */
const TOO_LARGE = 'SIGXFSZ';
/** What it makes that is kept in memory: one group of pictures. */
const MOST_CAPTURED_BYTES = 256 * 1024 ** 2;

/** What stands before the options of any run. It reads what a publisher sent: nothing but pipes and files that it is given by name. */
const COMMON = ['-hide_banner', '-nostdin', '-y', '-loglevel', 'error', '-max_alloc', String(MAX_ALLOCATION_BYTES)];

/** Runs ffmpeg for export: confined, behind everything else, and ended with whoever wanted it. */
export class ExportFfmpeg {
  constructor(
    private readonly path: string,
    private readonly confinement: LazyConfinement,
  ) {}

  /**
   * @returns what it wrote to standard output, where that was wanted
   * @throws VD_CLIP_FFMPEG_FAILED; the signal's reason; what the source throws
   */
  async run({ args, folder, source, isCaptured = false, fileBytes, signal }: FfmpegRun): Promise<Buffer> {
    signal.throwIfAborted();
    const limits: ChildLimits = { memoryBytes: MEMORY_BYTES, fileBytes, openFiles: OPEN_FILES };
    const child = startChild(this.path, [...COMMON, ...args], {
      env: programEnvironment(),
      cwd: folder,
      stdio: [source === undefined ? 'ignore' : 'pipe', isCaptured ? 'pipe' : 'ignore', 'pipe'],
      confinement: await this.confinement(),
      limits,
    });
    const kill = (): void => void child.kill('SIGKILL');
    signal.addEventListener('abort', kill, { once: true });
    try {
      lowerPriority(child);
      const said = textOf(child);
      const written = isCaptured ? bytesOf(child) : Promise.resolve(Buffer.alloc(0));
      // Told by how it ended.
      written.catch(() => undefined);
      const ended = exitOf(child);
      const fed = source === undefined ? Promise.resolve(undefined) : feed(source, child);
      const sourceError = await fed;
      if (sourceError !== undefined) kill();
      const how = await ended;
      signal.throwIfAborted();
      if (sourceError !== undefined) throw sourceError;
      if (how.endsWith(TOO_LARGE))
        throw clipError('VD_CLIP_NO_ROOM', `The clip became larger than the ${fileBytes} bytes that it may have.`);
      if (how !== 'ended') throw clipError('VD_CLIP_FFMPEG_FAILED', `ffmpeg ${how}; it said: ${(await said).trim() || 'nothing'}`);
      return await written;
    } finally {
      signal.removeEventListener('abort', kill);
      if (child.exitCode === null) kill();
    }
  }
}

/** @returns what the source threw; that ffmpeg wanted no more of it is told by how it ended */
async function feed(source: NonNullable<FfmpegRun['source']>, child: ChildProcess): Promise<Error | undefined> {
  let failed: Error | undefined;
  const watched = async function* (): AsyncGenerator<Uint8Array> {
    try {
      yield* source;
    } catch (error) {
      failed = error as Error;
      throw error;
    }
  };
  await pipeline(Readable.from(watched(), { objectMode: true }), child.stdin!).catch(() => undefined);
  return failed;
}

async function exitOf(child: ChildProcess): Promise<string> {
  try {
    const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
    return code === 0 ? 'ended' : code === null ? `was ended by ${signal}` : `ended with code ${code}`;
  } catch (error) {
    return `could not be started: ${errorText(error)}`;
  }
}

async function textOf(child: ChildProcess): Promise<string> {
  let text = '';
  const keep = async (): Promise<void> => {
    for await (const chunk of child.stderr!.setEncoding('utf8')) text = (text + String(chunk)).slice(-KEPT_TEXT);
  };
  await keep().catch(() => undefined); // it was never started
  return text;
}

async function bytesOf(child: ChildProcess): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of child.stdout! as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MOST_CAPTURED_BYTES) child.kill('SIGKILL');
    else chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function lowerPriority(child: ChildProcess): void {
  try {
    if (child.pid !== undefined) setPriority(child.pid, PRIORITY);
  } catch {
    // It has ended, or the system does not let us: only ever a wish.
  }
}
