import type { ChildLimits, Confinement } from '../../children/confinement.js';
import { deviceEnvironment } from '../../config/child-environment.js';
import { mediaError } from '../../errors/media.errors.js';
import type { Logger } from '../../plugin-api/index.js';
import { fromStandardInput, inputArguments, outputArguments, outputPath, type HlsOptions } from './ffmpeg-arguments.js';
import { FfmpegPackaging, type FfmpegTimings } from './ffmpeg-packaging.js';
import { fluentCommand } from './fluent-command.js';
import { Packager, type PackagerRequest, type Packaging } from './packager.js';
import { StandardInput } from './standard-input.js';

export interface FfmpegPackagerOptions extends HlsOptions {
  /** The program; absent: the one on PATH. */
  readonly ffmpegPath?: string;
  readonly timings?: Partial<FfmpegTimings>;
  /** Absent: ffmpeg may do what this process may. */
  readonly confinement?: Confinement;
}

/** As many pictures as come, when they come: the cameras of browsers have no steady rate. */
const AS_THEY_COME = ['-fps_mode', 'vfr'];

/** Live packaging of 8K takes a fraction of each; a file is one segment. */
const LIMITS: ChildLimits = { memoryBytes: 8 * 1024 ** 3, fileBytes: 8 * 1024 ** 3, openFiles: 1024 };

/** Packages an input of ffmpeg's by one child per epoch. fluent-ffmpeg builds and runs the command; its probing is not used. */
export class FfmpegPackager extends Packager {
  constructor(
    private readonly options: FfmpegPackagerOptions,
    private readonly logger: Logger,
  ) {
    super();
  }

  handsOver(): boolean {
    return false;
  }

  start(request: PackagerRequest): Packaging {
    const { directory, progress } = request;
    if (request.input.kind !== 'ffmpeg' && request.input.kind !== 'container')
      throw mediaError('VD_MEDIA_INPUT_REFUSED', 'only inputs of ffmpeg are packaged by it');
    const written = request.input.kind === 'container' ? new StandardInput() : undefined;
    const input = request.input.kind === 'container' ? fromStandardInput(request.input) : request.input;
    const makeCommand = () =>
      fluentCommand(this.options.ffmpegPath ?? 'ffmpeg', {
        folder: directory,
        env: deviceEnvironment(),
        confinement: this.options.confinement,
        limits: LIMITS,
      })
        .input(written?.stream ?? input.url)
        .inputOptions(inputArguments(input))
        .output(outputPath(directory))
        .outputOptions(['-hide_banner', '-loglevel', 'warning', '-stats', '-stats_period', '0.5'])
        .outputOptions(written !== undefined && input.video !== 'copy' ? AS_THEY_COME : [])
        .outputOptions(outputArguments(input, this.options));
    return new FfmpegPackaging(makeCommand, this.logger, this.options.timings, progress, written);
  }
}
