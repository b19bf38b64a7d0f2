import type { EpochHandle, EpochOpening, PackagerInput, SourceContext } from 'vedette/plugin';
import type { BrowserConfig } from '../config.js';
import { browserError } from '../errors.js';
import { MatroskaReader, type RecordedFrame } from '../matroska/matroska-reader.js';
import type { Container } from '../mime-types.js';
import { Mp4Head } from '../mp4/mp4-head.js';
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

/** What came of a recording. */
export interface CameraFigures {
  readonly bytes: number;
  /** Absent where nobody but ffmpeg sees them. */
  readonly videoFrames?: number;
  readonly audioFrames?: number;
}

/**
 * Puts one recording into an epoch. H.264 in Matroska is taken apart here, so that each frame is counted; what else there is goes on as it
 * comes to an ffmpeg, which keeps H.264 as it is and encodes other pictures anew.
 */
export class CameraMedia {
  private readonly matroska: MatroskaReader | undefined;
  private readonly mp4: Mp4Head | undefined;
  private untold: Buffer[] = [];
  private epoch: EpochHandle | undefined;
  private isRaw = false;
  private bytes = 0;
  private readonly frames = { video: 0, audio: 0 };
  private readonly lastUs = { video: -1, audio: -1 };

  constructor(private readonly options: CameraMediaOptions) {
    if (options.container === 'matroska') this.matroska = new MatroskaReader();
    else this.mp4 = new Mp4Head();
  }

  get figures(): CameraFigures {
    const { bytes, frames, isRaw } = this;
    return isRaw ? { bytes } : { bytes, videoFrames: frames.video, audioFrames: frames.audio };
  }

  /**
   * Takes the next bytes. Settles when more are welcome.
   * @throws VD_BROWSER_MEDIA_UNREADABLE, VD_BROWSER_CODEC_UNKNOWN, VD_BROWSER_NO_PICTURE, and what core says when no epoch can be opened
   */
  async take(chunk: Buffer): Promise<void> {
    this.bytes += chunk.length;
    if (this.isRaw) return this.write(chunk);
    if (this.epoch === undefined) this.keep(chunk);
    const tracks = this.mp4?.push(chunk);
    if (tracks !== undefined) return this.begin(tracks);
    for (const part of this.matroska?.push(chunk) ?? []) {
      if ('frame' in part) {
        await this.put(part.frame);
        continue;
      }
      await this.begin(part.tracks);
      if (this.isRaw) return;
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
    const input = inputFor(tracks, this.options);
    const { startedAtMs, remote, opened } = this.options;
    const opening: EpochOpening = { startedAtMs, input, remote };
    this.isRaw = input.kind === 'container';
    const untold = this.untold.splice(0);
    this.epoch = await this.options.context.openEpoch(opening);
    opened(this.epoch);
    if (this.isRaw) await this.write(Buffer.concat(untold));
  }

  private async write(bytes: Buffer): Promise<void> {
    if (this.epoch?.write(bytes) === false) await this.epoch.drained();
  }

  /** Recorders show pictures in the order in which they encode them: what is out of order has no place. */
  private async put({ track, ptsUs, keyframe, data }: RecordedFrame): Promise<void> {
    this.frames[track] += 1;
    const isVideo = track === 'video';
    if (ptsUs < Math.max(0, this.lastUs[track])) {
      const at = Math.max(0, ptsUs);
      const frames = { videoFrames: Number(isVideo), audioFrames: Number(!isVideo) };
      this.epoch?.lost({ reason: 'clock-jump', ...frames, fromPtsUs: at, toPtsUs: at });
      return;
    }
    this.lastUs[track] = ptsUs;
    if (this.epoch?.put({ track, dtsUs: ptsUs, ptsUs, keyframe, data }) === false) await this.epoch.drained();
  }
}

/** @throws VD_BROWSER_CODEC_UNKNOWN, VD_BROWSER_NO_PICTURE */
function inputFor({ video, audio }: RecordedTracks, { container, config }: CameraMediaOptions): PackagerInput {
  if (video === undefined) throw browserError('VD_BROWSER_NO_PICTURE', 'The page records no picture');
  if (video.codec === 'unknown') throw browserError('VD_BROWSER_CODEC_UNKNOWN', 'The page records pictures of another codec');
  if (audio?.codec === 'unknown') throw browserError('VD_BROWSER_CODEC_UNKNOWN', 'The page records sound of another codec');
  const { codec, configuration } = video;
  if (codec === 'h264' && configuration !== undefined && (audio === undefined || audio.configuration !== undefined)) {
    const sound = audio?.configuration && { audio: { codec: audio.codec as 'opus' | 'aac', configuration: audio.configuration } };
    return { kind: 'frames', video: { codec, configuration }, ...sound };
  }
  const { bitrateKbps, gopSeconds, audioBitrateKbps } = config;
  return {
    kind: 'container',
    format: container,
    video: codec === 'h264' ? 'copy' : { encode: 'h264', bitrateKbps, gopSeconds },
    // MPEG-TS has no place for Opus that players know.
    audio: audio === undefined ? 'none' : audio.codec === 'aac' ? 'copy' : { encode: 'aac', bitrateKbps: audioBitrateKbps },
  };
}
