import { watch, type FSWatcher } from 'node:fs';
import { exhaustedLimit } from '../../errors/exhausted-limit.js';
import type { Logger } from '../../plugin-api/index.js';

/** How often the file is looked at where the system gives no notices. */
const LOOK_EVERY_MS = 1000;
/** What "no space" means of a watch. */
const INOTIFY = "watches of inotify (the kernel's fs.inotify.max_user_instances and fs.inotify.max_user_watches)";

/** Gives notice of changes in a folder; throws, or emits an error, where it cannot. */
export type WatchFolder = (path: string, changed: (event: string, name: string | null) => void) => Pick<FSWatcher, 'on' | 'close'>;

export interface FolderWatchOptions {
  readonly logger: Logger;
  readonly lookEveryMs?: number;
  readonly watchFolder?: WatchFolder;
}

/**
 * Calls `wake` when a file of a folder may have changed. Notices of the system make it quick and are not needed: where there are none
 * (inotify is used up, the file system has none) it calls once a second, and says so.
 */
export class FolderWatch {
  private notices: Pick<FSWatcher, 'on' | 'close'> | undefined;
  private timer: NodeJS.Timeout | undefined;
  private isClosed = false;

  constructor(
    private readonly folder: string,
    file: string,
    private readonly wake: () => void,
    private readonly options: FolderWatchOptions,
  ) {
    try {
      this.notices = (options.watchFolder ?? watch)(folder, (_, name) => {
        if (name === null || name === file) wake();
      });
      this.notices.on('error', (error) => this.lookInstead(error));
    } catch (error) {
      this.lookInstead(error);
    }
  }

  close(): void {
    this.isClosed = true;
    this.notices?.close();
    clearInterval(this.timer);
  }

  private lookInstead(error: unknown): void {
    if (this.isClosed || this.timer !== undefined) return;
    const { lookEveryMs = LOOK_EVERY_MS, logger } = this.options;
    const isInotify = (error as NodeJS.ErrnoException).code === 'ENOSPC';
    const limit = isInotify ? INOTIFY : exhaustedLimit(error);
    logger.warn('The system gives no notice of new segments; their folder is looked at once a second', {
      ...{ folder: this.folder, lookEveryMs, error },
      usedUp: limit,
    });
    this.timer = setInterval(this.wake, lookEveryMs);
  }
}
