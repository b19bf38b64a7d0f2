import type { EpochHandle, PackagerInput, SourceContext } from 'vedette/plugin';
import type { BrowserConfig } from '../config.js';
import { browserError } from '../errors.js';
import { MatroskaReader } from '../matroska/matroska-reader.js';
import type { Container } from '../mime-types.js';
import { Mp4Head } from '../mp4/mp4-head.js';
import { FrameEpochs } from './frame-epochs.js';
import type { RecordedTracks } from './recorded-tracks.js';
import { unreadable } from './unreadable.js';

/** Until here it has to say what it is. */
const MAX_UNTOLD_BYTES = 256 * 1024;

export interface CameraMediaOptions {
  readonly context: SourceContext;
  readonly config: Pick<BrowserConfig, 'bitrateKbps' | 'gopSeconds' | 'audioBitrateKbps'>;
  readonly container: Container;
  /** Wall clock of when the page was told to begin, ms since 1970. */
  readonly startedAtMs: number;
  readonly remote: string;
  readonly opened: (epoch: EpochHandle) => void;
}

type KnownTracks = RecordedTracks & Required<Pick<RecordedTracks, 'video'>>;

/** What came of a recording. */
export interface CameraFigures {
  readonly bytes: number;
  /** Absent where nobody but ffmpeg sees them. */
  readonly videoFrames?: number;
  readonly audioFrames?: number;
}

/**
 * Puts one recording into epochs. H.264 in Matroska is taken apart here, so that each frame is counted; what else there is goes on as it
 * comes to an ffmpeg, which keeps H.264 as it is and encodes other pictures anew.
 */
export class CameraMedia {
  private readonly matroska: MatroskaReader | undefined;
  private readonly mp4: Mp4Head | undefined;
  private untold: Buffer[] = [];
  private frames: FrameEpochs | undefined;
  private raw: EpochHandle | undefined;
  private bytes = 0;

  constructor(private readonly options: CameraMediaOptions) {
    if (options.container === 'matroska') this.matroska = new MatroskaReader();
    else this.mp4 = new Mp4Head();
  }

  /** The epoch that media goes into now. */
  get epoch(): EpochHandle | undefined {
    return this.raw ?? this.frames?.epoch;
  }

  get figures(): CameraFigures {
    const { bytes, frames } = this;
    return frames === undefined ? { bytes } : { bytes, videoFrames: frames.counts.video, audioFrames: frames.counts.audio };
  }

  /**
   * Takes the next bytes. Settles when more are welcome.
   * @throws VD_BROWSER_MEDIA_UNREADABLE, VD_BROWSER_CODEC_UNKNOWN, VD_BROWSER_NO_PICTURE, and what core says when no epoch can be opened
   */
  async take(chunk: Buffer): Promise<void> {
    this.bytes += chunk.length;
    if (this.raw !== undefined) return this.write(chunk);
    if (this.frames === undefined) this.keep(chunk);
    const tracks = this.mp4?.push(chunk);
    if (tracks !== undefined) return this.begin(tracks);
    for (const part of this.matroska?.push(chunk) ?? []) {
      if ('tracks' in part) await this.begin(part.tracks);
      else await this.frames?.put(part.frame);
      if (this.raw !== undefined) return;
    }
  }

  /** Settles when the packager has stopped. */
  async end(reason: string): Promise<void> {
    await this.epoch?.end(reason);
  }

  private keep(chunk: Buffer): void {
    this.untold.push(chunk);
    if (this.bytes > MAX_UNTOLD_BYTES) throw unreadable(`${this.bytes} bytes do not say what they are`);
  }

  private async begin(tracks: RecordedTracks): Promise<void> {
    const { video, audio } = checked(tracks);
    const { context, startedAtMs, remote, opened } = this.options;
    const untold = this.untold.splice(0);
    if (this.matroska !== undefined && video.codec === 'h264' && (audio === undefined || audio.configuration !== undefined)) {
      const sound = audio?.configuration && { codec: audio.codec as 'opus' | 'aac', configuration: audio.configuration };
      const pictures = { configuration: video.configuration, audio: sound };
      this.frames = new FrameEpochs({ context, startedAtMs, remote, opened, ...pictures });
      return this.frames.begin();
    }
    const input = containerInput({ video, ...(audio && { audio }) }, this.options);
    this.raw = await context.openEpoch({ startedAtMs, input, remote });
    opened(this.raw);
    await this.write(Buffer.concat(untold));
  }

  private async write(bytes: Buffer): Promise<void> {
    if (this.raw?.write(bytes) === false) await this.raw.drained();
  }
}

/** @throws VD_BROWSER_CODEC_UNKNOWN, VD_BROWSER_NO_PICTURE */
function checked({ video, audio }: RecordedTracks): KnownTracks {
  if (video === undefined) throw browserError('VD_BROWSER_NO_PICTURE', 'The page records no picture');
  if (video.codec === 'unknown') throw browserError('VD_BROWSER_CODEC_UNKNOWN', 'The page records pictures of another codec');
  if (audio?.codec === 'unknown') throw browserError('VD_BROWSER_CODEC_UNKNOWN', 'The page records sound of another codec');
  return { video, ...(audio && { audio }) };
}

function containerInput({ video, audio }: KnownTracks, { container, config }: CameraMediaOptions): PackagerInput {
  const { bitrateKbps, gopSeconds, audioBitrateKbps } = config;
  return {
    kind: 'container',
    format: container,
    video: video.codec === 'h264' ? 'copy' : { encode: 'h264', bitrateKbps, gopSeconds },
    // MPEG-TS has no place for Opus that players know.
    audio: audio === undefined ? 'none' : audio.codec === 'aac' ? 'copy' : { encode: 'aac', bitrateKbps: audioBitrateKbps },
  };
}
