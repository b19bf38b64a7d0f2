import type { ChildProcess } from '../../children/child-process.js';

/** All that a child prints, and how it ends. */
export function outputOf(child: ChildProcess): Promise<{ code: number | string | null; text: string }> {
  return new Promise((done, fail) => {
    let text = '';
    child.stdout?.on('data', (chunk: Buffer) => (text += chunk.toString()));
    child.stderr?.on('data', (chunk: Buffer) => (text += chunk.toString()));
    child.once('error', fail);
    child.once('close', (code, signal) => done({ code: code ?? signal, text }));
  });
}
