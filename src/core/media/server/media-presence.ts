import type { Logger } from '../../plugin-api/index.js';
import type { FolderState, FolderWriteCheck } from '../store/folder-write-check.js';
import type { MediaNode, MediaNodes } from '../../persistence/media/media-nodes.js';

const BEAT_MS = 5_000;

export interface MediaPresenceOptions {
  readonly nodes: Pick<MediaNodes, 'publish' | 'withdraw'>;
  readonly node: Omit<MediaNode, keyof FolderState>;
  readonly folder: Pick<FolderWriteCheck, 'look'>;
  readonly logger: Logger;
}

/** This ingest node in the table of media folders, for as long as it runs. */
export class MediaPresence {
  private timer: NodeJS.Timeout | undefined;
  private beating: Promise<void> = Promise.resolve();

  constructor(private readonly options: MediaPresenceOptions) {}

  async start(): Promise<void> {
    await this.beat();
    this.timer = setInterval(() => {
      this.beating = this.beat().catch((error: unknown) =>
        this.options.logger.debug('The media node could not say that it is there', { error }),
      );
    }, BEAT_MS);
    this.timer.unref();
  }

  async stop(): Promise<void> {
    if (this.timer === undefined) return;
    clearInterval(this.timer);
    await this.beating;
    await this.options.nodes.withdraw(this.options.node.id).catch(() => undefined); // its silence says the same, later
  }

  private async beat(): Promise<void> {
    await this.options.nodes.publish({ ...this.options.node, ...(await this.options.folder.look()) });
  }
}
