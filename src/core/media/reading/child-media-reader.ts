import { fileURLToPath } from 'node:url';
import { forkModule } from '../../children/child-process.js';
import type { LazyConfinement } from '../../config/child-confinement.js';
import { programEnvironment } from '../../config/child-environment.js';
import type { MediaListener, MediaReader, MediaRequest, OpenMedia } from '../../plugin-api/index.js';
import type { ReaderOrder } from './reader-messages.js';
import { ReadingProcess } from './reading-process.js';

/** What the kernel refuses: pictures of 8K, encoded anew, take a fraction. */
const MEMORY_BYTES = 8 * 1024 ** 3;
const OPEN_FILES = 256;

export interface MediaReaderLaunch {
  /** The file that is forked. */
  readonly entry: string;
  readonly execArgv: readonly string[];
  /** Absent: it may do what this process may. */
  readonly confinement?: LazyConfinement;
}

export const MEDIA_READER_LAUNCH: MediaReaderLaunch = {
  entry: fileURLToPath(new URL('./media-reader-entry.js', import.meta.url)),
  execArgv: [],
};

/** Reads each source in a process of its own, which writes no file and knows nothing but its order. */
export class ChildMediaReader implements MediaReader {
  constructor(private readonly launch: MediaReaderLaunch = MEDIA_READER_LAUNCH) {}

  async open({ openTimeoutMs, stallTimeoutMs, ...order }: MediaRequest, listener: MediaListener): Promise<OpenMedia> {
    const { entry, execArgv, confinement } = this.launch;
    const child = forkModule(entry, [], {
      env: programEnvironment(),
      execArgv,
      stdio: [order.url === undefined ? 'pipe' : 'ignore', 'pipe', 'ignore'],
      confinement: await confinement?.(),
      limits: { memoryBytes: MEMORY_BYTES, fileBytes: 0, openFiles: OPEN_FILES },
      handOver: order satisfies ReaderOrder,
    });
    return new ReadingProcess(child, listener, { openTimeoutMs, stallTimeoutMs });
  }
}
