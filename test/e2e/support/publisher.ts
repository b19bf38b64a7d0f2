import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

export interface PublisherOptions {
  readonly loop?: boolean;
  /** What the encoder is run by: `ip netns exec …` for a machine with a network of its own. */
  readonly launch?: readonly string[];
}

/** Starts a real encoder that pushes a clip in real time, over and over with `loop`. */
export function startPublisher(clip: string, url: string, options: PublisherOptions = {}): ChildProcess {
  const [program = '', ...before] = [...(options.launch ?? []), 'ffmpeg'];
  return spawn(
    program,
    [
      ...before,
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
export async function publishClip(clip: string, url: string, options: PublisherOptions = {}): Promise<void> {
  const child = startPublisher(clip, url, options);
  let errors = '';
  child.stderr?.on('data', (chunk: Buffer) => (errors += String(chunk)));
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`The publisher ended with ${code}: ${errors.slice(-500)}`);
}
