import { open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { redactText } from './redact.js';

/** A role's file in the folder that `vedette up` writes. */
export interface RoleLog {
  /** The role, or which of several. */
  readonly name: string;
  readonly sizeBytes: number;
  readonly modifiedAt: Date;
}

const NAME = /^([a-z][a-z0-9-]{0,40})\.log$/;

/** Those that are there, by name. @throws ENOENT, EACCES */
export async function roleLogs(folder: string): Promise<RoleLog[]> {
  const names = (await readdir(folder)).flatMap((file) => NAME.exec(file)?.[1] ?? []).sort();
  return Promise.all(
    names.map(async (name) => {
      const { size, mtime } = await stat(join(folder, `${name}.log`));
      return { name, sizeBytes: size, modifiedAt: mtime };
    }),
  );
}

/**
 * The end of a role's log, whole lines, its predecessor's end before it where there is room. Redacted once more: what native libraries
 * and other programs write to standard output passed no logger.
 * @throws ENOENT, EACCES
 */
export async function endOfLog(folder: string, name: string, maxBytes: number): Promise<string> {
  const file = join(folder, `${name}.log`);
  const end = await endOfFile(file, maxBytes);
  const room = maxBytes - Buffer.byteLength(end);
  const before = room > 0 ? await endOfFile(`${file}.1`, room).catch(() => '') : '';
  return redactText(before + end);
}

async function endOfFile(path: string, maxBytes: number): Promise<string> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const from = Math.max(0, size - maxBytes);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(size - from), 0, size - from, from);
    const text = buffer.subarray(0, bytesRead).toString('utf8');
    return from === 0 ? text : text.slice(text.indexOf('\n') + 1);
  } finally {
    await file.close();
  }
}
