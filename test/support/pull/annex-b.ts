import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { ffmpeg } from '../media/ffmpeg.js';

/** One picture as RTP carries it: its NAL units. */
export interface CodedPicture {
  readonly nals: readonly Buffer[];
  readonly keyframe: boolean;
  /** In frames, counted from the first one that is shown. */
  readonly shownAt: number;
}

const START_CODE = Buffer.from([0, 0, 0, 1]);

/** Makes H.264 of 25 pictures a second, a keyframe each second, of pictures in the order of decoding. */
export async function h264Pictures(folder: string, seconds: number, options: readonly string[] = []): Promise<CodedPicture[]> {
  const [clip, stream] = ['mp4', 'h264'].map((ending) => `${folder}/camera-${seconds}-${options.length}.${ending}`) as [string, string];
  const encoder = ['-c:v', 'libx264', '-preset', 'ultrafast', '-g', '25', '-pix_fmt', 'yuv420p', '-threads', '1', '-bf', '0'];
  const source = ['-f', 'lavfi', '-i', `testsrc2=size=320x180:rate=25:duration=${seconds}`];
  await ffmpeg(...source, ...encoder, '-x264-params', 'aud=1', ...options, '-video_track_timescale', '25', clip);
  await ffmpeg('-i', clip, '-c', 'copy', '-bsf:v', 'h264_mp4toannexb', '-f', 'h264', stream);
  const shown = await shownTimes(clip);
  const pictures: Buffer[][] = [];
  for (const nal of unitsOf(await readFile(stream))) {
    if ((nal[0]! & 31) === 9) pictures.push([]);
    else pictures.at(-1)?.push(nal);
  }
  return pictures.map((nals, index) => ({ nals, keyframe: nals.some((nal) => (nal[0]! & 31) === 5), shownAt: shown[index]! - shown[0]! }));
}

/** In the order of decoding. */
async function shownTimes(clip: string): Promise<number[]> {
  const args = ['-v', 'error', '-select_streams', 'v:0', '-show_entries', 'packet=pts', '-of', 'csv=p=0', clip];
  const { stdout } = await promisify(execFile)('ffprobe', args);
  return stdout.split('\n').flatMap((line) => (line.trim() === '' ? [] : [Number.parseInt(line, 10)]));
}

function unitsOf(annexB: Buffer): Buffer[] {
  const units: Buffer[] = [];
  let at = annexB.indexOf(START_CODE.subarray(1));
  while (at !== -1) {
    const next = annexB.indexOf(START_CODE.subarray(1), at + 3);
    const end = next === -1 ? annexB.length : annexB[next - 1] === 0 ? next - 1 : next;
    units.push(annexB.subarray(at + 3, end));
    at = next;
  }
  return units;
}
