import { mediaError } from '../../../errors/media.errors.js';
import type { Logger } from '../../../plugin-api/index.js';
import { Packager, type PackagerRequest, type Packaging } from '../packager.js';
import { SegmentsPackaging } from './segments-packaging.js';

export interface SegmentsPackagerOptions {
  /** Each segment is on the disk before it is told of. */
  readonly isSynced: boolean;
}

/** Takes segments that exist, as they are: see {@link SegmentsPackaging}. */
export class SegmentsPackager extends Packager {
  constructor(
    private readonly options: SegmentsPackagerOptions,
    private readonly logger: Logger,
  ) {
    super();
  }

  handsOver(): boolean {
    return false;
  }

  start({ input, directory, segments }: PackagerRequest): Packaging {
    if (input.kind !== 'segments' || segments === undefined) throw mediaError('VD_MEDIA_INPUT_REFUSED', 'only segments are taken here');
    const { isSynced } = this.options;
    return new SegmentsPackaging({ ...segments, directory, container: input.container, isSynced, logger: this.logger });
  }
}
