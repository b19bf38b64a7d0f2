import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Runs ffmpeg to its end and throws with what it said when it fails. */
export async function ffmpeg(...args: string[]): Promise<void> {
  await run('ffmpeg', ['-hide_banner', '-loglevel', 'error', '-nostdin', '-y', ...args]);
}

export interface ClipOptions {
  readonly seconds: number;
  readonly fps?: number;
  readonly size?: string;
  readonly gopFrames?: number;
  readonly bFrames?: number;
  readonly audio?: boolean;
  /** A filter put behind the picture source: `select` for a variable frame rate, say. */
  readonly filter?: string;
  readonly extra?: readonly string[];
}

/** Makes a small H.264 clip; the container is the one that the name's ending means. */
export async function makeClip(path: string, options: ClipOptions): Promise<void> {
  const { seconds, fps = 25, size = '160x96', gopFrames = 50, bFrames = 2, audio = true } = options;
  await ffmpeg(
    ...['-f', 'lavfi', '-i', `testsrc=size=${size}:rate=${fps}:duration=${seconds}`],
    ...(audio ? ['-f', 'lavfi', '-i', `sine=duration=${seconds}`] : []),
    ...(options.filter === undefined ? [] : ['-vf', options.filter, '-vsync', 'vfr']),
    ...['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-threads', '1'],
    ...['-bf', String(bFrames), '-g', String(gopFrames), '-keyint_min', String(gopFrames), '-sc_threshold', '0'],
    ...(audio ? ['-c:a', 'aac'] : []),
    ...(options.extra ?? []),
    path,
  );
}

/** The pts of all video packets in ticks of `timeBase`, ascending, by ffprobe: a second opinion on what a file holds. */
export async function videoPts(path: string): Promise<number[]> {
  const args = ['-v', 'error', '-select_streams', 'v:0', '-show_entries', 'packet=pts', '-of', 'csv=p=0', path];
  const { stdout } = await run('ffprobe', args, { maxBuffer: 16 * 1024 ** 2 });
  return stdout
    .split('\n')
    .map((line) => line.replace(',', '').trim())
    .filter((line) => line !== '')
    .map(Number)
    .sort((a, b) => a - b);
}

/** The pictures that ffmpeg can decode from a file alone. */
export async function countPictures(path: string): Promise<number> {
  const args = ['-v', 'error', '-count_frames', '-select_streams', 'v:0', '-show_entries', 'stream=nb_read_frames', '-of', 'csv=p=0', path];
  const { stdout } = await run('ffprobe', args);
  return Number.parseInt(stdout, 10) || 0;
}

/** What ffmpeg makes of a file's pictures, one checksum each in the order they are shown, and what it complained of. */
export async function decodedPictures(path: string): Promise<{ readonly checksums: readonly string[]; readonly complaints: string }> {
  const args = ['-hide_banner', '-loglevel', 'warning', '-nostdin', '-i', path, '-map', '0:v:0', '-fps_mode', 'passthrough'];
  const { stdout, stderr } = await run('ffmpeg', [...args, '-f', 'framemd5', '-'], { maxBuffer: 16 * 1024 ** 2 });
  const rows = stdout.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return { checksums: rows.map((row) => row.slice(row.lastIndexOf(',') + 1).trim()), complaints: stderr };
}
