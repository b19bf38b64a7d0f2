import { join } from 'node:path';
import { mediaError } from '../../errors/media.errors.js';
import type { PackagerInput } from '../../plugin-api/index.js';
import { PLAYLIST_NAME, SEGMENT_PATTERN } from '../epoch-folder.js';

export interface HlsOptions {
  readonly segmentDurationMs: number;
  readonly liveWindowSegments: number;
}

export type FfmpegInput = Extract<PackagerInput, { kind: 'ffmpeg' }>;
type ContainerInput = Extract<PackagerInput, { kind: 'container' }>;

/** Until here ffmpeg looks at a container before it begins: a second of it, or as many bytes. */
const LOOK_US = 1_000_000;
const LOOK_BYTES = 1_000_000;

/** A container that is written to ffmpeg, as an input of its: it may open its standard input, and nothing else. */
export function fromStandardInput({ format, video, audio }: ContainerInput): FfmpegInput {
  const inputOptions = ['-analyzeduration', String(LOOK_US), '-probesize', String(LOOK_BYTES)];
  return { kind: 'ffmpeg', format, url: 'pipe:0', inputOptions, protocols: ['pipe'], video, audio };
}

/**
 * A keyframe may come a little early against the clock of the segmenter (timestamps are rounded, cameras jitter); it must
 * still end the segment, or segments of twice the length follow.
 */
const KEYFRAME_EARLY_MS = 100;

/**
 * At once, by ffmpeg's own allocator: a picture of 8K in 4:4:4 with 16 bits takes 200 MB. A header that claims more is refused where
 * it is read.
 */
const MAX_ALLOCATION_BYTES = 256 * 1024 ** 2;

/** Everything that goes before `-i`. */
export function inputArguments(input: FfmpegInput): string[] {
  checkInput(input);
  return [
    ...['-nostdin', '-max_alloc', String(MAX_ALLOCATION_BYTES)],
    ...(input.video === 'copy' ? ['-copyts'] : []),
    // "none" is no protocol's name: a device opens no URL.
    ...['-protocol_whitelist', input.protocols.join(',') || 'none'],
    ...(input.inputOptions ?? []),
    ...['-f', input.format],
  ];
}

/** Everything that goes before the output's name. ffmpeg must run in the epoch's folder. */
export function outputArguments(input: FfmpegInput, hls: HlsOptions): string[] {
  const early = Math.min(KEYFRAME_EARLY_MS, hls.segmentDurationMs / 10);
  return [
    ...codecArguments(input),
    // Timestamps stay as they are in the media: no start offset.
    ...['-muxdelay', '0', '-muxpreload', '0'],
    // A track that falls silent must not hold the other back for long.
    ...['-max_interleave_delta', '1000000'],
    ...['-f', 'hls', '-hls_segment_type', 'mpegts'],
    ...['-hls_time', ((hls.segmentDurationMs - early) / 1000).toFixed(3)],
    // A bounded window: a playlist of everything would be rewritten in full for each segment. Files stay.
    ...['-hls_list_size', String(hls.liveWindowSegments)],
    ...['-hls_flags', 'temp_file+program_date_time'],
    // Below the folder that it runs in: in a pattern, ffmpeg knows no way to write a folder's own percent sign.
    ...['-start_number', '0', '-hls_segment_filename', SEGMENT_PATTERN],
  ];
}

export function outputPath(directory: string): string {
  return join(directory, PLAYLIST_NAME);
}

function codecArguments(input: FfmpegInput): string[] {
  const maps = ['-map', '0:v:0?', '-map', '0:a:0?'];
  const video = input.video === 'copy' ? ['-c:v', 'copy'] : encodeH264(input.video);
  if (input.audio === 'none') return ['-map', '0:v:0?', ...video, '-an'];
  const audio = input.audio === 'copy' ? ['-c:a', 'copy'] : ['-c:a', 'aac', '-b:a', `${input.audio.bitrateKbps}k`];
  return [...maps, ...video, ...audio];
}

function encodeH264(video: { readonly bitrateKbps: number; readonly gopSeconds: number }): string[] {
  const { bitrateKbps, gopSeconds } = video;
  return [
    ...['-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-pix_fmt', 'yuv420p', '-threads', '1'],
    ...['-b:v', `${bitrateKbps}k`, '-maxrate', `${bitrateKbps}k`, '-bufsize', `${bitrateKbps * 2}k`],
    // Keyframes by time, counted from the last one: a device's clock starts anywhere and its frame rate varies.
    ...['-g', '100000', '-sc_threshold', '0'],
    ...['-force_key_frames', `expr:if(isnan(prev_forced_t),1,gte(t,prev_forced_t+${gopSeconds}-0.001))`],
  ];
}

function checkInput(input: FfmpegInput): void {
  if (!/^[a-z0-9_]+$/.test(input.format)) throw mediaError('VD_MEDIA_INPUT_REFUSED', `format "${input.format}" is not a name`);
  if (input.url === '' || /[\0\r\n]/.test(input.url))
    throw mediaError('VD_MEDIA_INPUT_REFUSED', 'the URL is empty or holds control characters');
  const bad = input.protocols.find((protocol) => !/^[a-z0-9]+$/.test(protocol));
  if (bad !== undefined) throw mediaError('VD_MEDIA_INPUT_REFUSED', `protocol "${bad}" is not a name`);
}
