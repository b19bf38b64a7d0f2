import type { MediaNode } from '../../persistence/media/media-nodes.js';

/** Below this, media is about to be lost: some two minutes of a 6 Mbit/s stream. */
const LOW_BYTES = 100 * 1024 ** 2;

/** On the disk of the embedded database: room for its log, and to come up again. */
const LOW_DATABASE_BYTES = 256 * 1024 ** 2;

/** A media folder, the room on its disk, and whether it can be written to. */
export type MediaFolder = Pick<MediaNode, 'name' | 'freeBytes' | 'writeFault'>;

/**
 * Media folders that cannot be written to, and those whose disks are so full that they soon cannot. Each ingest node tells of its own:
 * the API may see none of them, and what it sees at that place need not be one.
 * @returns the problems in words
 */
export function mediaFolderProblems(folders: readonly MediaFolder[]): string[] {
  return folders.flatMap(({ name, freeBytes, writeFault }) => {
    if (writeFault !== null) return [`The media folder of ${name} cannot be written to: ${writeFault}`];
    if (!isLow({ freeBytes, writeFault })) return [];
    return [`The media folder of ${name} has ${mebibytes(freeBytes!)} MiB left: make room before segments are lost.`];
  });
}

/** It can be written to, but not for long. */
export const isLow = ({ freeBytes, writeFault }: Omit<MediaFolder, 'name'>): boolean =>
  writeFault === null && freeBytes !== null && freeBytes < LOW_BYTES;

export const isDatabaseLow = (freeBytes: number | null): boolean => freeBytes !== null && freeBytes < LOW_DATABASE_BYTES;

/** @returns the problem in words, if there is one */
export function databaseDiskProblems(freeBytes: number | null): string[] {
  if (!isDatabaseLow(freeBytes)) return [];
  return [`The disk of the database has ${mebibytes(freeBytes!)} MiB left: make room before it stops taking results.`];
}

const mebibytes = (bytes: number): number => Math.floor(bytes / 1024 ** 2);
