import { readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Folders, TakenFile, TakenFiles } from 'vedette/plugin';
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

export const isTaken = ({ name, facts }: Candidate, taken: TakenFiles): boolean => facts !== null && taken.has({ name, ...facts });

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

/** Before which file, and behind which one, if any. */
export interface FileSpan {
  readonly before: Candidate;
  readonly behind?: TakenFile | undefined;
}

/**
 * Files of the same writer that lie beside one that its playlist names, and come before it by the number in their names. A playlist forgets
 * its segments before their files go. Oldest first.
 */
export async function unnamedFiles({ before, behind }: FileSpan): Promise<Candidate[]> {
  const [first, last] = [numbered(before.name), behind && numbered(behind.name)];
  if (first === null || last === null || (last !== undefined && !isOfOneWriter(first, last))) return [];
  const folder = dirname(before.path);
  const found = (await readdir(folder)).flatMap((name) => {
    const one = numbered(name);
    const isBetween =
      one !== null && isOfOneWriter(one, first) && one.value < first.value && (last === undefined || one.value > last.value);
    return isBetween ? [{ name, value: one.value }] : [];
  });
  found.sort((a, b) => (a.value < b.value ? -1 : 1));
  const candidates: Candidate[] = [];
  for (const { name, value } of found) {
    const path = join(folder, name);
    const facts = await factsOf(path);
    // What lies there from an earlier round of numbers was dealt with then.
    if (facts === null || facts.mtimeMs < (behind?.mtimeMs ?? 0)) continue;
    // Where names count as the playlist does they say the number, too.
    const isCounted = first.value === BigInt(before.number ?? -1);
    const { initializationPath } = before;
    candidates.push({
      ...{ path, name, facts, isDiscontinuity: false, isComplete: true },
      ...(isCounted && { number: Number(value) }),
      ...(initializationPath !== undefined && { initializationPath }),
    });
  }
  return candidates;
}

interface NumberedName {
  readonly start: string;
  readonly value: bigint;
  readonly end: string;
}

/** By the last number in it, but for that of its ending (`.mp4`). */
function numbered(name: string): NumberedName | null {
  const match = /^(.*?)(\d{1,30})(\D*(?:\.[a-z0-9]+)?)$/isu.exec(name);
  return match === null ? null : { start: match[1]!, value: BigInt(match[2]!), end: match[3]! };
}

const isOfOneWriter = (a: NumberedName, b: NumberedName): boolean => a.start === b.start && a.end === b.end;

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
