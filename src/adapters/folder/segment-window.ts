import { readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Folders } from 'vedette/plugin';
import type { FolderConfig } from './config.js';
import type { NamedSegment } from './foreign-playlist.js';
import { factsOf, type FileFacts, type ReadPlaylist, type WriterPlace } from './writer-folder.js';

/** A file that may be a segment to take. */
export interface Candidate {
  readonly path: string;
  readonly name: string;
  /** Null: it is not there any more. */
  readonly facts: FileFacts | null;
  /** Of its playlist. */
  readonly number?: number;
  readonly durationUs?: number;
  readonly startsAtMs?: number;
  readonly initializationPath?: string;
  readonly isDiscontinuity: boolean;
  /** Its writer says so, or has gone on to the next. */
  readonly isComplete: boolean;
}

/** What the writer offers at the moment, oldest first. */
export interface SegmentWindow {
  readonly candidates: readonly Candidate[];
  /** Nothing more comes. */
  readonly hasEnd: boolean;
  /** How long the writer's segments are at most; 0 where it does not say. */
  readonly targetMs: number;
}

/** What the playlist names. */
export async function namedWindow({ playlist, folder }: ReadPlaylist, folders: Folders): Promise<SegmentWindow> {
  const candidates: Candidate[] = [];
  for (const segment of playlist.segments) candidates.push(await candidateOf(segment, folder, folders));
  return { candidates, hasEnd: playlist.hasEnd, targetMs: playlist.targetMs };
}

async function candidateOf({ file, initialization, ...segment }: NamedSegment, root: string, folders: Folders): Promise<Candidate> {
  const path = join(root, file);
  // A folder within the folder may be a link.
  const place = dirname(path) === root ? path : join(await folders.resolve(dirname(path)).catch(() => root), basename(path));
  return {
    ...segment,
    ...{ path: place, name: basename(path), facts: await factsOf(place), isComplete: true },
    ...(initialization !== undefined && { initializationPath: join(root, initialization) }),
  };
}

/**
 * Files of the same writer that lie beside the first one that a playlist names, and come before it by the number in their names. Oldest first.
 */
export async function olderThan({ path, name }: Candidate): Promise<Candidate[]> {
  const pattern = /^(.*?)(\d+)(\D*)$/.exec(name);
  if (pattern === null) return [];
  const [, before, digits, after] = pattern as unknown as [string, string, string, string];
  const folder = dirname(path);
  const older = (await readdir(folder)).flatMap((one) => {
    const number = one.startsWith(before) && one.endsWith(after) ? one.slice(before.length, one.length - after.length) : '';
    return /^\d{1,20}$/.test(number) && BigInt(number) < BigInt(digits) ? [{ name: one, number: BigInt(number) }] : [];
  });
  older.sort((a, b) => (a.number < b.number ? -1 : 1));
  const candidates: Candidate[] = [];
  for (const { name: one } of older) {
    const at = join(folder, one);
    candidates.push({ path: at, name: one, facts: await factsOf(at), isDiscontinuity: false, isComplete: true });
  }
  return candidates;
}

const byTimeAndName = new Intl.Collator('en', { numeric: true });

/** What lies in a folder without a playlist, in the order in which it was written; the last one may be unfinished. */
export async function listedWindow({ folder }: WriterPlace, { files }: FolderConfig): Promise<SegmentWindow> {
  const pattern = patternOf(files);
  const found: Candidate[] = [];
  for (const name of await readdir(folder)) {
    if (!pattern.test(name)) continue;
    const path = join(folder, name);
    found.push({ path, name, facts: await factsOf(path), isDiscontinuity: false, isComplete: true });
  }
  const there = found.filter(({ facts }) => facts !== null);
  there.sort((a, b) => a.facts!.mtimeMs - b.facts!.mtimeMs || byTimeAndName.compare(a.name, b.name));
  return { candidates: there.map((one, i) => ({ ...one, isComplete: i < there.length - 1 })), hasEnd: false, targetMs: 0 };
}

function patternOf(files: string): RegExp {
  const text = files.replace(/[.*+?^${}()|[\]\\]/g, (sign) => ({ '*': '.*', '?': '.' })[sign] ?? `\\${sign}`);
  return new RegExp(`^${text}$`, 'su');
}
