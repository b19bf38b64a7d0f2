import type { Writable } from 'node:stream';

/** Ends this process with its exit code, once what it wrote is out. A plugin's timer or connection would keep it for ever. */
export async function leave(): Promise<never> {
  await Promise.all([written(process.stdout), written(process.stderr)]);
  process.exit();
}

const written = (stream: Writable): Promise<void> => new Promise((resolve) => stream.write('', () => resolve()));
