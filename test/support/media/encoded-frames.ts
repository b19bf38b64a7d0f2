import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import type { EncodedFrame, PushedAudioCodec, PushedAudioTrack, PushedVideoCodec, PushedVideoTrack } from 'vedette/plugin';

const run = promisify(execFile);
const MAX_OUTPUT_BYTES = 1024 ** 3;
/** Clocks begin here: encoders with B-frames decode before 0. */
export const FRAMES_ORIGIN_US = 1_000_000;

interface ProbedPacket {
  readonly codec_type: 'video' | 'audio';
  readonly pts_time: string;
  readonly dts_time: string;
  readonly flags: string;
  readonly data: string;
}

interface ProbedStream {
  readonly codec_type: 'video' | 'audio';
  readonly codec_name: string;
  readonly extradata?: string;
}

/** What a publisher would send, in the order that it lies in the file. */
export interface EncodedClip {
  readonly video?: PushedVideoTrack;
  readonly audio?: PushedAudioTrack;
  readonly frames: readonly EncodedFrame[];
}

/**
 * Takes an MP4 or Matroska file apart into frames, by ffprobe.
 * @param stampUs how publishers round times: by milliseconds over RTMP
 */
export async function encodedFrames(path: string, stampUs = 1000): Promise<EncodedClip> {
  const args = ['-v', 'error', '-of', 'json', '-show_data', '-show_streams', '-show_packets', path];
  const { stdout } = await run('ffprobe', args, { maxBuffer: MAX_OUTPUT_BYTES });
  const { packets, streams } = JSON.parse(stdout) as { packets: ProbedPacket[]; streams: ProbedStream[] };
  const us = (seconds: string): number => FRAMES_ORIGIN_US + Math.round((Number(seconds) * 1e6) / stampUs) * stampUs;
  const of = (kind: string): { codec: string; configuration: Buffer } | undefined => {
    const stream = streams.find(({ codec_type }) => codec_type === kind);
    return stream && { codec: stream.codec_name, configuration: bytesOf(stream.extradata ?? '') };
  };
  const [video, audio] = [of('video'), of('audio')];
  // ffprobe keeps this one to itself.
  if (video?.codec === 'vp9') video.configuration = boxBody(await readFile(path), 'vpcC');
  return {
    ...(video && { video: { ...video, codec: video.codec as PushedVideoCodec } }),
    ...(audio && { audio: { ...audio, codec: audio.codec as PushedAudioCodec } }),
    frames: packets.map(({ codec_type, pts_time, dts_time, flags, data }) => ({
      track: codec_type,
      ptsUs: us(pts_time),
      dtsUs: us(dts_time),
      keyframe: codec_type === 'audio' || flags.startsWith('K'),
      data: bytesOf(data),
    })),
  };
}

function boxBody(file: Buffer, type: string): Buffer {
  const at = file.indexOf(type, 0, 'latin1');
  if (at === -1) throw new Error(`no ${type} in the file`);
  return file.subarray(at + 4, at - 4 + file.readUInt32BE(at - 4));
}

/** Of a dump in lines of "offset: hexadecimal  text". */
function bytesOf(dump: string): Buffer {
  const lines = dump.split('\n').filter((line) => line !== '');
  return Buffer.from(lines.map((line) => line.slice(10, 50).replaceAll(' ', '')).join(''), 'hex');
}
