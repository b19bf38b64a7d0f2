import { fileURLToPath } from 'node:url';
import { forkModule, type ChildProcess } from '../../children/child-process.js';
import { readsOnly } from '../../children/reads-only.js';
import { pathEnvironment } from '../../config/child-environment.js';
import type { LazyConfinement } from '../../config/child-confinement.js';
import type { FileEnd, FileFacts } from '../../decode/file/file-reader.js';
import { importError, importErrors } from '../../errors/import.errors.js';
import type { EncodedFrame, PtsUs } from '../../plugin-api/index.js';
import { residentBytes } from '../../runtime/resident-memory.js';
import { type FromFileReader, RecordParser, type ToFileReader } from './file-records.js';

/** How the process that reads a file is started, and what it may use. */
export interface FileReaderLaunch {
  readonly entry: string;
  readonly execArgv: readonly string[];
  /** Without a word for this long: it hangs. */
  readonly silenceMs: number;
  /** Resident memory; held where the system has /proc. */
  readonly memoryLimitBytes: number;
  readonly confinement?: LazyConfinement;
}

/** Nest token of {@link FileReaderLaunch}. */
export const FILE_READER_LAUNCH = Symbol.for('vedette.file-reader-launch');

export const FILE_READER: FileReaderLaunch = {
  entry: fileURLToPath(new URL('./file-reader-entry.js', import.meta.url)),
  execArgv: [],
  silenceMs: 120_000,
  // Decoding and encoding 8K takes this much.
  memoryLimitBytes: 3 * 1024 ** 3,
};

const HARD_LIMIT_BYTES = 8 * 1024 ** 3;
const SCRIPT_HEAP_MB = 256;
const MEMORY_POLL_MS = 500;

/** A file that a process of its own reads, as fast as its frames are taken. */
export class ReadingFile {
  private killedFor: string | undefined;
  private readonly memory: NodeJS.Timeout;
  private readonly records: AsyncGenerator<FromFileReader, void, void>;

  private constructor(
    private readonly child: ChildProcess,
    private readonly launch: FileReaderLaunch,
  ) {
    this.memory = setInterval(() => this.watchMemory(), MEMORY_POLL_MS);
    this.memory.unref();
    this.records = this.read();
  }

  /**
   * @returns what the file has, and the process that goes on with it
   * @throws VD_IMPORT_NOT_MEDIA, VD_IMPORT_UNREADABLE, VD_IMPORT_NO_VIDEO, VD_IMPORT_ENCRYPTED, VD_IMPORT_CODEC_UNSUPPORTED,
   * VD_IMPORT_READER_FAILED
   */
  static async open(path: string, launch: FileReaderLaunch): Promise<{ readonly file: ReadingFile; readonly facts: FileFacts }> {
    const child = forkModule(launch.entry, [], {
      serialization: 'advanced',
      env: pathEnvironment(),
      execArgv: [...readsOnly(SCRIPT_HEAP_MB), ...launch.execArgv],
      stdio: ['ignore', 'pipe', 'ignore'],
      confinement: await launch.confinement?.(),
      limits: { memoryBytes: HARD_LIMIT_BYTES, fileBytes: 0 },
    });
    const file = new ReadingFile(child, launch);
    try {
      file.ask({ type: 'open', path });
      const said = await file.next();
      if (said?.type !== 'opened') throw importError('VD_IMPORT_READER_FAILED', 'The reader said something else than what the file has');
      return { file, facts: said.facts };
    } catch (error) {
      file.close();
      throw error;
    }
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  /**
   * The frames at or after a time of the media, in the order that they are decoded in. Once.
   * @throws VD_IMPORT_READER_FAILED
   */
  async *frames(fromUs: PtsUs | null): AsyncGenerator<EncodedFrame, FileEnd, void> {
    this.ask({ type: 'read', fromUs });
    for (;;) {
      const said = await this.next();
      if (said?.type === 'end') return said.end;
      if (said?.type === 'frame') yield said.frame;
    }
  }

  close(): void {
    clearInterval(this.memory);
    this.child.kill('SIGKILL');
  }

  private ask(question: ToFileReader): void {
    // A failure to send means that the process is gone, which the end of its output tells.
    this.child.send(question, () => undefined);
  }

  private async next(): Promise<FromFileReader | undefined> {
    const late = setTimeout(() => this.kill(`It said nothing for ${this.launch.silenceMs / 1000} s`), this.launch.silenceMs);
    try {
      const { done, value: said } = await this.records.next();
      if (done === true) throw importError('VD_IMPORT_READER_FAILED', this.killedFor ?? 'Reading the file ended the reader');
      if (said.type === 'failed') throw failed(said);
      return said;
    } finally {
      clearTimeout(late);
    }
  }

  private async *read(): AsyncGenerator<FromFileReader, void, void> {
    const parser = new RecordParser();
    for await (const piece of this.child.stdout!) yield* parser.push(piece as Buffer);
  }

  private watchMemory(): void {
    const usedBytes = this.child.pid === undefined ? undefined : residentBytes(this.child.pid);
    const { memoryLimitBytes } = this.launch;
    if (usedBytes !== undefined && usedBytes > memoryLimitBytes)
      this.kill(`It took more than ${Math.round(memoryLimitBytes / 1e6)} MB of memory`);
  }

  private kill(why: string): void {
    this.killedFor ??= why;
    this.close();
  }
}

function failed({ code, message }: { readonly code: string | null; readonly message: string }): Error {
  if (code !== null && code in importErrors) return importError(code as keyof typeof importErrors, message);
  return importError('VD_IMPORT_READER_FAILED', message);
}
