import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { CHILD_CONFINEMENT, type LazyConfinement } from '../config/child-confinement.js';
import { VEDETTE_CONFIG, type VedetteConfig } from '../config/schema.js';
import { SegmentFiles } from '../media/store/segment-files.js';
import { loggerOf } from '../observability/component-logger.js';
import { ClipMediaReads } from '../persistence/clips/clip-media.js';
import { ClipStore } from '../persistence/clips/clip-store.js';
import { ClipJobs } from '../persistence/clips/clip-jobs.js';
import type { Logger } from '../plugin-api/index.js';
import { BoxScript } from './boxes/box-script.js';
import { ClipFolder } from './clip-folder.js';
import { CLIP_NAME, ClipMaker, type ClipTools } from './clip-maker.js';
import { ClipRunner, type ClipTrade } from './clip-runner.js';
import { ExportFfmpeg } from './export/export-ffmpeg.js';

/** How much a file may be larger than was thought. */
const SLACK = 4;

/** What the API role exports: clips, made one at a time, and where their files are. */
@Injectable()
export class Exports implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly folder: ClipFolder;
  private readonly runner: ClipRunner;
  private readonly tools: ClipTools;

  constructor(
    @Inject(VEDETTE_CONFIG) config: VedetteConfig,
    @Inject(CHILD_CONFINEMENT) confinement: LazyConfinement,
    jobs: ClipJobs,
    private readonly clips: ClipStore,
    private readonly media: ClipMediaReads,
    boxes: BoxScript,
    @Inject(SegmentFiles) files: Pick<SegmentFiles, 'obtain'>,
    @Inject(loggerOf('clips')) logger: Logger,
  ) {
    this.folder = new ClipFolder(config);
    const ffmpeg = new ExportFfmpeg(config.clips.ffmpegPath, confinement);
    this.tools = { files, ffmpeg, boxes, write: (folder, name, text) => this.folder.write(folder, name, text) };
    this.runner = new ClipRunner({ jobs, folder: this.folder, trade: this.trade, logger });
  }

  onApplicationBootstrap(): void {
    this.runner.start();
  }

  /** Before the modules it depends on close their database connections. */
  async onModuleDestroy(): Promise<void> {
    await this.runner.stop();
  }

  /** Something was asked for. */
  ring(): void {
    this.runner.ring();
  }

  path(id: string): string {
    return this.folder.path(id);
  }

  /** Its rows are gone. */
  async removed(ids: readonly string[]): Promise<void> {
    for (const id of ids) await this.folder.remove(id);
  }

  private get trade(): ClipTrade {
    return {
      make: async (id, folder, signal, progressed) => {
        const clip = await this.clips.find(id);
        signal.throwIfAborted();
        if (clip === null) throw new Error(`Clip ${id} is gone`);
        const epochs = await this.media.of(clip);
        // Parts and the clip that is made of them are there at once.
        const room = await this.folder.room(clip.estimateBytes * (epochs.length > 1 ? 2 : 1));
        const fileBytes = Math.min(room, clip.estimateBytes * SLACK);
        const maker = new ClipMaker({ clip, epochs, folder, fileBytes, signal, progressed }, this.tools);
        await this.clips.saveResult(id, await maker.make());
        return CLIP_NAME;
      },
      ended: (id) => this.clips.letGo(id),
    };
  }
}
