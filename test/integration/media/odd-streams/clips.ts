import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { VPCC } from '../../../../src/adapters/rtmp/testing/media-messages.js';
import { encodedFrames, type EncodedClip } from '../../../support/media/encoded-frames.js';
import { ffmpeg } from '../../../support/media/ffmpeg.js';

export interface ClipWishes {
  readonly seconds?: number;
  readonly fps?: number;
  readonly size?: string;
  readonly gopFrames?: number;
  readonly bFrames?: number;
  readonly hasVideo?: boolean;
  readonly hasAudio?: boolean;
  /** Of the picture, before it is encoded: `select` for a variable frame rate, say. */
  readonly filter?: string;
  readonly video?: readonly string[];
  readonly audio?: readonly string[];
}

/** Media that publishers send, made by real encoders, each made once. */
export class Clips {
  private readonly made = new Map<string, Promise<EncodedClip>>();

  private constructor(private readonly folder: string) {}

  static async open(): Promise<Clips> {
    return new Clips(await mkdtemp(join(tmpdir(), 'vd-odd-')));
  }

  get(wishes: ClipWishes = {}): Promise<EncodedClip> {
    const key = JSON.stringify(wishes);
    let clip = this.made.get(key);
    if (clip === undefined) {
      clip = this.make(join(this.folder, `${this.made.size}.mp4`), wishes);
      this.made.set(key, clip);
    }
    return clip;
  }

  close(): Promise<void> {
    return rm(this.folder, { recursive: true, force: true });
  }

  private async make(path: string, wishes: ClipWishes): Promise<EncodedClip> {
    const { seconds = 3, fps = 25, size = '160x96', gopFrames = 25, bFrames = 2, hasVideo = true, hasAudio = true, filter } = wishes;
    const x264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-bf', String(bFrames), '-sc_threshold', '0'];
    await ffmpeg(
      ...(hasVideo ? ['-f', 'lavfi', '-i', `testsrc2=size=${size}:rate=${fps}:duration=${seconds}`] : []),
      ...(hasAudio ? ['-f', 'lavfi', '-i', `sine=frequency=440:duration=${seconds}`] : []),
      ...(hasVideo ? ['-pix_fmt', 'yuv420p', '-threads', '1', '-g', String(gopFrames), ...(wishes.video ?? x264)] : []),
      ...(filter === undefined ? [] : ['-vf', filter, '-vsync', 'vfr']),
      ...(hasAudio ? (wishes.audio ?? ['-c:a', 'aac', '-b:a', '64k']) : []),
      path,
    );
    const clip = await encodedFrames(path);
    if (clip.frames.some(({ dtsUs, ptsUs }) => !Number.isInteger(dtsUs) || !Number.isInteger(ptsUs)))
      throw new Error(`${path} has frames without a time`);
    // MP4 files of ours hold no configuration of VP9 that ffprobe would show.
    return clip.video?.codec === 'vp9' ? { ...clip, video: { codec: 'vp9', configuration: VPCC } } : clip;
  }
}
