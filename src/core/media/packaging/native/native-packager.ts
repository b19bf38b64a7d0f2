import { mediaError } from '../../../errors/media.errors.js';
import type { Logger } from '../../../plugin-api/index.js';
import { segmentFileName } from '../../segment-name.js';
import { segmentMuxerFor, type ContainerChoice } from '../../mux/segment-muxer-for.js';
import { FlvPackaging } from '../flv/flv-packaging.js';
import { Packager, type PackagerRequest, type Packaging } from '../packager.js';
import type { MuxedTracks } from '../segment-muxer.js';
import { FlushClock } from './flush-clock.js';
import { NativePackaging } from './native-packaging.js';
import { RefusedPackaging } from './refused-packaging.js';
import { segmentLimits } from './segment-limits.js';
import { WriteBuffers } from './write-buffers.js';
import { mediaOf } from './track-media.js';

export interface NativePackagerOptions {
  readonly segmentDurationMs: number;
  /** Each segment is on the disk before it is told of. */
  readonly isSynced: boolean;
  /** Absent: `auto`. */
  readonly container?: ContainerChoice;
}

/** Packages what is pushed within this process: see {@link NativePackaging}. */
export class NativePackager extends Packager {
  private readonly clock = new FlushClock();
  private readonly buffers = new WriteBuffers();

  constructor(
    private readonly options: NativePackagerOptions,
    private readonly logger: Logger,
  ) {
    super();
  }

  handsOver(): boolean {
    return true;
  }

  start(request: PackagerRequest): Packaging {
    const { input, lost = () => undefined } = request;
    if (input.kind === 'flv') return new FlvPackaging((tracks) => this.begin(request, tracks), lost);
    if (input.kind === 'frames') return this.begin(request, input);
    throw mediaError('VD_MEDIA_INPUT_REFUSED', 'only what is pushed is packaged here');
  }

  private begin(request: PackagerRequest, tracks: MuxedTracks): Packaging {
    const { segmentDurationMs, isSynced, container = 'auto' } = this.options;
    const { firstSequence } = request;
    try {
      const muxer = segmentMuxerFor(tracks, container);
      return new NativePackaging(request, {
        muxer,
        media: mediaOf(tracks),
        files: {
          ...{ directory: request.directory, isSynced, buffers: this.buffers, firstSequence },
          fileName: (sequence) => segmentFileName(sequence, muxer.container),
        },
        limits: segmentLimits(segmentDurationMs),
        ...{ tracks, clock: this.clock, logger: this.logger },
      });
    } catch (error) {
      return new RefusedPackaging(error as Error, (loss) => request.lost?.(loss));
    }
  }
}
