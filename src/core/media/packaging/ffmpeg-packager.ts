import { Inject, Injectable } from '@nestjs/common';
import type { ChildLimits, Confinement } from '../../children/confinement.js';
import { deviceEnvironment } from '../../config/child-environment.js';
import { loggerOf } from '../../observability/component-logger.js';
import type { Logger } from '../../plugin-api/index.js';
import { inputArguments, outputArguments, outputPath, type HlsOptions } from './ffmpeg-arguments.js';
import { FfmpegPackaging, type FfmpegTimings } from './ffmpeg-packaging.js';
import { fluentCommand } from './fluent-command.js';
import { Packager, type PackagerRequest, type Packaging } from './packager.js';

/** Nest token of {@link FfmpegPackagerOptions}. */
export const PACKAGER_OPTIONS = Symbol.for('vedette.packager-options');

export interface FfmpegPackagerOptions extends HlsOptions {
  /** The program; absent: the one on PATH. */
  readonly ffmpegPath?: string;
  readonly timings?: Partial<FfmpegTimings>;
  /** Absent: ffmpeg may do what this process may. */
  readonly confinement?: Confinement;
}

/** Live packaging of 8K takes a fraction of each; a file is one segment. */
const LIMITS: ChildLimits = { memoryBytes: 8 * 1024 ** 3, fileBytes: 8 * 1024 ** 3, openFiles: 1024 };

/** Packages by one ffmpeg child per epoch. fluent-ffmpeg builds and runs the command; its probing is not used. */
@Injectable()
export class FfmpegPackager extends Packager {
  constructor(
    @Inject(PACKAGER_OPTIONS) private readonly options: FfmpegPackagerOptions,
    @Inject(loggerOf('packager')) private readonly logger: Logger,
  ) {
    super();
  }

  start(request: PackagerRequest): Packaging {
    const { input, directory } = request;
    return new FfmpegPackaging(
      (source) =>
        fluentCommand(this.options.ffmpegPath ?? 'ffmpeg', {
          folder: directory,
          env: deviceEnvironment(),
          confinement: this.options.confinement,
          limits: LIMITS,
        })
          .input(source ?? (input.kind === 'ffmpeg' ? input.url : 'pipe:0'))
          .inputOptions(inputArguments(input))
          .output(outputPath(directory))
          .outputOptions(['-hide_banner', '-loglevel', 'warning', '-stats', '-stats_period', '0.5'])
          .outputOptions(outputArguments(input, this.options)),
      input.kind,
      this.logger,
      this.options.timings,
      request.progress,
    );
  }
}
