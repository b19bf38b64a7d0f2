import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Decodes a file or HLS URL to its end and counts the pictures. */
export async function countVideoFrames(input: string, cookie?: string): Promise<number> {
  const headers = cookie === undefined ? [] : ['-headers', `Cookie: ${cookie}\r\n`];
  const { stdout } = await run(
    'ffprobe',
    [
      '-v',
      'error',
      ...headers,
      '-count_frames',
      '-select_streams',
      'v:0',
      '-show_entries',
      'stream=nb_read_frames',
      '-of',
      'csv=p=0',
      input,
    ],
    { timeout: 60_000 },
  );
  const frames = Number.parseInt(stdout.split('\n').find((line) => /^\d+/.test(line)) ?? '', 10);
  if (Number.isNaN(frames)) throw new Error(`ffprobe counted no frames in ${input}: ${stdout}`);
  return frames;
}
