import type { MediaNode } from '../../persistence/media/media-nodes.js';

/** Below this, media is about to be lost: some two minutes of a 6 Mbit/s stream. */
const LOW_BYTES = 100 * 1024 ** 2;

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
    if (freeBytes === null || freeBytes >= LOW_BYTES) return [];
    return [`The media folder of ${name} has ${Math.floor(freeBytes / 1024 ** 2)} MiB left: make room before segments are lost.`];
  });
}
