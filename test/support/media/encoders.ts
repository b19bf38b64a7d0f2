import { join } from 'node:path';
import { ffmpeg } from './ffmpeg.js';

const X264 = ['-c:v', 'libx264', '-preset', 'veryfast', '-threads', '1', '-pix_fmt', 'yuv420p', '-g', '25', '-sc_threshold', '0'];

/** Arguments of ffmpeg's encoders as publishers use them, with a keyframe every 25 pictures. */
export const ENCODERS = {
  h264BFrames: [...X264, '-bf', '3'],
  h264Slices: [...X264, '-bf', '0', '-slices', '4'],
  h264OpenGop: [...X264, '-bf', '2', '-x264-params', 'open-gop=1'],
  h264IntraRefresh: [...X264, '-bf', '0', '-x264-params', 'intra-refresh=1'],
  hevc: ['-c:v', 'libx265', '-preset', 'ultrafast', '-x265-params', 'log-level=none:keyint=25:pools=1', '-pix_fmt', 'yuv420p'],
  av1: ['-c:v', 'libaom-av1', '-cpu-used', '8', '-usage', 'realtime', '-pix_fmt', 'yuv420p', '-g', '25', '-threads', '1'],
  vp9: ['-c:v', 'libvpx-vp9', '-deadline', 'realtime', '-cpu-used', '8', '-pix_fmt', 'yuv420p', '-g', '25', '-threads', '1'],
  aac: ['-c:a', 'aac', '-b:a', '96k'],
  mp3: ['-c:a', 'libmp3lame', '-b:a', '96k'],
  opus: ['-c:a', 'libopus', '-b:a', '64k'],
} as const;

/** Makes a clip of 4 s, 25 pictures a second, 320x180, with a tone. @returns its path */
export async function encodedClip(folder: string, name: string, picture: readonly string[], sound: readonly string[]): Promise<string> {
  const path = join(folder, `${name.replaceAll(/\W+/g, '-')}.mp4`);
  const source = ['-f', 'lavfi', '-i', 'testsrc2=size=320x180:rate=25:duration=4'];
  await ffmpeg(...source, '-f', 'lavfi', '-i', 'sine=frequency=440:sample_rate=48000:duration=4', ...picture, ...sound, path);
  return path;
}
