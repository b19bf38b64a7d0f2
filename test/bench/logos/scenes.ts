import { access, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { CACHE_DIR, fingerprint, PYTHON_DIR, SPLITS_FILE } from './cache-folder.js';
import { finished } from './finished.js';
import type { Source } from './sources.js';
import type { Split } from './splits.js';
import { readTruth, type ClipTruth } from './truth.js';

export const TRACKS = ['O', 'S'] as const;
/** O: overlays in a corner (channel bugs). S: signs in the scene. */
export type Track = (typeof TRACKS)[number];

export interface Clip {
  readonly file: string;
  readonly truth: ClipTruth;
}

/** The interpreter that has OpenCV: Debian's. */
export const PYTHON = process.env['VEDETTE_BENCH_PYTHON'] ?? '/usr/bin/python3';

const MAKERS = ['make_scenes.py', 'camera.py', 'material.py', 'overlay.py', 'signs.py'].map((name) => join(PYTHON_DIR, name));

/** The first clips of a track, made where they are missing, by two processes at a time. */
export async function scenes(track: Track, source: Source, split: Split, clips: number, brandsDir: string): Promise<Clip[]> {
  const folder = join(CACHE_DIR, `scenes-${source}-${split}-${fingerprint([...MAKERS, SPLITS_FILE], brandsDir)}`);
  await mkdir(folder, { recursive: true });
  const stem = (index: number): string => join(folder, `${track}_${split}_${String(index).padStart(3, '0')}`);
  const missing: number[] = [];
  for (let index = 0; index < clips; index++) await access(`${stem(index)}.mp4`).catch(() => missing.push(index));
  if (missing.length > 0) process.stderr.write(`Making ${missing.length} clips of track ${track}, ${source} ${split} …\n`);
  const make = async (): Promise<void> => {
    for (let index = missing.shift(); index !== undefined; index = missing.shift()) {
      const range = ['--from', String(index), '--to', String(index + 1)];
      const material = ['--references', brandsDir, '--splits', SPLITS_FILE, '--split', split, '--source', source, '--track', track];
      await finished(PYTHON, [join(PYTHON_DIR, 'make_scenes.py'), ...material, ...range, '--out', folder]);
    }
  };
  await Promise.all([make(), make()]);
  return Array.from({ length: clips }, (_, index) => ({ file: `${stem(index)}.mp4`, truth: readTruth(`${stem(index)}.json`) }));
}
