import { runProgram } from '../children/child-process.js';
import { deviceEnvironment } from '../config/child-environment.js';
import { mediaError } from '../errors/media.errors.js';
import type { DeviceTools } from '../plugin-api/index.js';

/** A camera takes a while to open; one that does not answer by then is told of without its modes. */
const TIMEOUT_MS = 8_000;

/** {@link DeviceTools} by the ffmpeg of this machine. */
export class FfmpegDeviceTools implements DeviceTools {
  constructor(
    /** Absent: the one on PATH. */
    private readonly ffmpegPath = 'ffmpeg',
    readonly platform: NodeJS.Platform = process.platform,
  ) {}

  async askFfmpeg(args: readonly string[], signal: AbortSignal): Promise<string> {
    signal.throwIfAborted();
    try {
      const options = { env: deviceEnvironment(), timeoutMs: TIMEOUT_MS };
      return (await runProgram(this.ffmpegPath, ['-hide_banner', '-nostdin', ...args], options)).stderr;
    } catch (error) {
      const { code, stderr } = error as { code?: unknown; stderr?: unknown };
      if (code === 'ENOENT' || typeof stderr !== 'string')
        throw mediaError('VD_MEDIA_FFMPEG_MISSING', `${this.ffmpegPath} cannot be run`, { cause: error });
      return stderr;
    }
  }
}
