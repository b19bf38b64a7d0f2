import { Inject, Injectable } from '@nestjs/common';
import { loggerOf } from '../../observability/component-logger.js';
import type { Logger, PackagerInput } from '../../plugin-api/index.js';
import { FfmpegPackager, type FfmpegPackagerOptions } from './ffmpeg-packager.js';
import { NativePackager, type NativePackagerOptions } from './native/native-packager.js';
import { Packager, type PackagerRequest, type Packaging } from './packager.js';
import { SegmentsPackager } from './segments/segments-packager.js';

/** Nest token of {@link PackagerOptions}. */
export const PACKAGER_OPTIONS = Symbol.for('vedette.packager-options');

export type PackagerOptions = FfmpegPackagerOptions & NativePackagerOptions;

/**
 * Frames that are pushed are packaged within this process; what has to be fetched, taken out of a container or encoded, by ffmpeg;
 * segments that exist are taken as they are.
 */
@Injectable()
export class PackagerByInput extends Packager {
  private readonly native: NativePackager;
  private readonly ffmpeg: FfmpegPackager;
  private readonly segments: SegmentsPackager;

  constructor(@Inject(PACKAGER_OPTIONS) options: PackagerOptions, @Inject(loggerOf('packager')) logger: Logger) {
    super();
    this.native = new NativePackager(options, logger);
    this.ffmpeg = new FfmpegPackager(options, logger);
    this.segments = new SegmentsPackager(options, logger);
  }

  handsOver(input: PackagerInput): boolean {
    return this.of(input).handsOver(input);
  }

  start(request: PackagerRequest): Packaging {
    return this.of(request.input).start(request);
  }

  private of({ kind }: PackagerInput): Packager {
    if (kind === 'segments') return this.segments;
    return kind === 'ffmpeg' || kind === 'container' ? this.ffmpeg : this.native;
  }
}
