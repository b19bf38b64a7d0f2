import { setTimeout as delay } from 'node:timers/promises';
import { defineSource, FOLDERS, type Folders, type RunningSource, type SourceAdapter, type SourceContext } from 'vedette/plugin';
import { folderConfigSchema, type FolderConfig } from './config.js';
import { FolderFollower } from './folder-follower.js';
import { WriterView } from './writer-view.js';

/** Segments come every second at most; a look that finds nothing new costs a few reads of small files. */
const LOOK_EVERY_MS = 500;
/** A share of the network that hangs must not keep the source from stopping. */
const STOP_WAIT_MS = 3000;

/** A folder that another program writes segments into: nginx-rtmp, ffmpeg, MediaMTX. */
export class FolderSource implements SourceAdapter<FolderConfig> {
  constructor(
    private readonly folders: Folders,
    private readonly wallClockMs: () => number = () => Date.now(),
    private readonly lookEveryMs = LOOK_EVERY_MS,
  ) {}

  /** @throws VD_INGEST_FOLDER_REFUSED, VD_INGEST_FOLDER_MISSING */
  async probe({ path }: FolderConfig): Promise<void> {
    await this.folders.resolve(path);
  }

  async open(config: FolderConfig, context: SourceContext | undefined, signal: AbortSignal): Promise<RunningSource> {
    if (context === undefined) throw new TypeError('a folder is opened for a stream');
    const { folders, wallClockMs } = this;
    const taken = await context.takenFiles();
    const view = new WriterView(config, folders, taken, wallClockMs());
    const follower = new FolderFollower({ config, context, taken, view });
    const stopping = new AbortController();
    const looking = follow(follower, this.lookEveryMs, AbortSignal.any([signal, stopping.signal]));
    let reason = 'aborted';
    const stop = async (why: string): Promise<void> => {
      if (!stopping.signal.aborted) reason = why;
      stopping.abort();
      await follower.stop(why);
      await Promise.race([looking, delay(STOP_WAIT_MS, undefined, { ref: false })]);
    };
    signal.addEventListener('abort', () => void stop('aborted'), { once: true });
    if (signal.aborted) await stop('aborted');
    const done = looking.then(async (error) => {
      if (error !== undefined) await follower.stop('source-failed');
      return error === undefined ? { reason } : { reason: 'source-failed', error };
    });
    return { stop, done };
  }
}

/** @returns why it broke off; undefined when it was told to end. Never rejects. */
async function follow(follower: FolderFollower, everyMs: number, signal: AbortSignal): Promise<Error | undefined> {
  while (!signal.aborted) {
    try {
      await follower.look();
    } catch (error) {
      return error as Error;
    }
    await delay(everyMs, undefined, { signal }).catch(() => undefined);
  }
  return undefined;
}

export const folderSource = defineSource<FolderConfig>({
  id: 'folder',
  version: '1.0.0',
  title: 'Folder that another program writes into',
  kind: 'stream',
  config: folderConfigSchema,
  inject: [FOLDERS],
  create: (folders: Folders) => new FolderSource(folders),
});
