import { fileURLToPath } from 'node:url';
import type { CodedError, EncodedFrame, RunningSource } from 'vedette/plugin';
import { FakeSourceContext } from '../../../src/core/plugin-testing/fake-source-context.js';
import { pullConfigSchema, type PullConfigInput } from '../../../src/adapters/pull/config.js';
import { PullSource } from '../../../src/adapters/pull/pull-source.js';
import { ChildMediaReader } from '../../../src/core/media/reading/child-media-reader.js';
import { FROM_SOURCE } from '../analysis/host-pool.js';
import { until } from '../until.js';

/** The real reading process, running the source as it is. */
export const MEDIA_READER_FROM_SOURCE = new ChildMediaReader({
  entry: fileURLToPath(new URL('../../../src/core/media/reading/media-reader-entry.ts', import.meta.url)),
  execArgv: FROM_SOURCE,
});

/** A source that is being pulled into a context which keeps all it gets. */
export class Pulled {
  private constructor(
    readonly context: FakeSourceContext,
    readonly running: RunningSource,
  ) {}

  static async open(input: PullConfigInput, source = new PullSource(MEDIA_READER_FROM_SOURCE)): Promise<Pulled> {
    const context = new FakeSourceContext();
    const config = pullConfigSchema.parse(input);
    await source.probe(config);
    return new Pulled(context, await source.open(config, context, new AbortController().signal));
  }

  /** Why the source cannot be read. */
  static async failure(input: PullConfigInput, source?: PullSource): Promise<CodedError> {
    const pulled = await Pulled.open(input, source).catch((error: unknown) => error as CodedError);
    if (!(pulled instanceof Pulled)) return pulled;
    const { error } = await pulled.running.done;
    return error as CodedError;
  }

  frames(track: EncodedFrame['track'] = 'video', epoch?: number): readonly EncodedFrame[] {
    const epochs = epoch === undefined ? this.context.epochs : this.context.epochs.slice(epoch, epoch + 1);
    return epochs.flatMap(({ frames }) => frames).filter((frame) => frame.track === track);
  }

  /** Frames of pictures that were told of as lost. */
  get lostPictures(): number {
    const losses = [...this.context.losses, ...this.context.epochs.flatMap((epoch) => epoch.losses)];
    return losses.reduce((sum, { videoFrames }) => sum + videoFrames, 0);
  }

  async untilFrames(count: number, track: EncodedFrame['track'] = 'video'): Promise<void> {
    await until(`${count} frames of ${track}`, () => this.frames(track).length >= count, 30_000);
  }
}
