import { MpegTsMuxer } from '../../media/mux/mpeg-ts-muxer.js';
import { demuxSegment } from '../../decode/segment/index.js';
import { ticksToPtsUs } from '../../plugin-api/index.js';
import type { ExportFfmpeg } from '../export/export-ffmpeg.js';
import type { Picture } from './epoch-source.js';
import { lengthPrefixed, type H264Track } from './h264-track.js';
import { NotCuttable } from './not-cuttable.js';

/** Where the clock of what is encoded begins: no time is below 0. */
const BASE_TICKS = 10 * 90_000;
const FILE_BYTES = 1024 ** 3;
/** So good that nobody sees the seam. */
const QUALITY = 17;

/** Encodes some pictures of a group anew, so that they stand by themselves and go together with what was recorded. */
export class GroupEncoder {
  /** Another id than that of the recorded parameter sets, so that both may be known at once. */
  private readonly sequenceId: number;

  constructor(
    private readonly ffmpeg: ExportFfmpeg,
    private readonly track: H264Track,
    private readonly place: { readonly folder: string; readonly signal: AbortSignal },
  ) {
    this.sequenceId = (track.sequenceId + 1) % 32;
  }

  /**
   * @param group in decode order, from a picture that a decoder can start at
   * @param wantedTicks of those that come out, in order of showing; all between the first and the last of these
   * @returns one picture for each, in order of showing and of decoding, in Annex B form; the first has parameter sets
   * @throws NotCuttable where others come out than were wanted
   */
  async encode(group: readonly Picture[], wantedTicks: readonly number[]): Promise<Buffer[]> {
    const originTicks = Math.min(...group.map(({ dtsTicks, ptsTicks }) => Math.min(dtsTicks, ptsTicks))) - BASE_TICKS;
    const wanted = wantedTicks.map((ticks) => ticks - originTicks);
    const bytes = await this.ffmpeg.run({
      args: this.arguments(wanted[0]!, wanted.at(-1)!),
      folder: this.place.folder,
      source: [this.transport(group, originTicks)],
      isCaptured: true,
      fileBytes: FILE_BYTES,
      signal: this.place.signal,
    });
    const units = bytes.length === 0 ? [] : (demuxSegment(bytes).video?.units ?? []);
    const isAsWanted = units.length === wanted.length && units.every(({ ptsTicks }, at) => ptsTicks === wanted[at]);
    if (!isAsWanted) throw new NotCuttable(`of ${wanted.length} pictures to encode anew ${units.length} came out, or at other times`);
    return units.map(({ data }) => data);
  }

  private transport(group: readonly Picture[], originTicks: number): Uint8Array {
    const muxer = new MpegTsMuxer({ video: { codec: 'h264', configuration: this.track.configuration } });
    muxer.beginSegment();
    for (const { ptsTicks, dtsTicks, keyframe, data } of group)
      muxer.add({
        track: 'video',
        ptsUs: ticksToPtsUs(ptsTicks - originTicks),
        dtsUs: ticksToPtsUs(dtsTicks - originTicks),
        keyframe,
        data: lengthPrefixed(data),
      });
    return muxer.take();
  }

  private arguments(firstTicks: number, lastTicks: number): string[] {
    const { profile, levelIdc } = this.track;
    return [
      ...['-protocol_whitelist', 'pipe', '-copyts', '-f', 'mpegts', '-i', 'pipe:0', '-map', '0:v:0', '-an'],
      ...['-vf', `select=between(pts\\,${firstTicks}\\,${lastTicks})`, '-fps_mode', 'passthrough'],
      ...['-c:v', 'libx264', '-preset', 'veryfast', '-crf', String(QUALITY), '-pix_fmt', 'yuv420p'],
      ...['-profile:v', profile, '-level', (levelIdc / 10).toFixed(1), '-threads', '1'],
      ...['-x264-params', `sps-id=${this.sequenceId}:bframes=0:scenecut=0:keyint=100000:repeat-headers=1`],
      ...['-muxdelay', '0', '-muxpreload', '0', '-f', 'mpegts', 'pipe:1'],
    ];
  }
}
