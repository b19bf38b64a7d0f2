import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

/** Starts a real encoder that pushes a clip in real time, over and over with `loop`. */
export function startPublisher(clip: string, url: string, options: { loop?: boolean } = {}): ChildProcess {
  return spawn(
    'ffmpeg',
    [
      '-v',
      'error',
      '-nostdin',
      '-re',
      ...(options.loop === true ? ['-stream_loop', '-1'] : []),
      '-i',
      clip,
      '-c',
      'copy',
      '-f',
      'flv',
      url,
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
}

/** Pushes a clip once, in real time. @throws when the encoder was refused or broke off */
export async function publishClip(clip: string, url: string): Promise<void> {
  const child = startPublisher(clip, url);
  let errors = '';
  child.stderr?.on('data', (chunk: Buffer) => (errors += String(chunk)));
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`The publisher ended with ${code}: ${errors.slice(-500)}`);
}
