import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdir, rename } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Where made material is kept between runs; the operating system may clear it at any time. */
export const CACHE_DIR = process.env['VEDETTE_BENCH_CACHE'] ?? join(tmpdir(), 'vedette-bench-logos');
export const HERE = import.meta.dirname;
export const PYTHON_DIR = join(HERE, 'python');
export const SPLITS_FILE = join(HERE, 'splits.json');

/** Names a state of the files that make something: change one, and it is made anew. */
export function fingerprint(files: readonly string[], ...facts: readonly string[]): string {
  const hash = createHash('sha256');
  for (const file of files) hash.update(readFileSync(file));
  for (const fact of facts) hash.update(`\0${fact}`);
  return hash.digest('hex').slice(0, 12);
}

export const pythonSources = (): string[] =>
  readdirSync(PYTHON_DIR)
    .filter((name) => name.endsWith('.py'))
    .sort()
    .map((name) => join(PYTHON_DIR, name));

/** A folder that is there whole or not at all. */
export async function madeOnce(folder: string, make: (unfinished: string) => Promise<void>): Promise<string> {
  try {
    readdirSync(folder);
    return folder;
  } catch {
    const unfinished = `${folder}.${process.pid}.part`;
    await mkdir(unfinished, { recursive: true });
    await make(unfinished);
    await rename(unfinished, folder);
    return folder;
  }
}
