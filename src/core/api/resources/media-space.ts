import type { MediaNode } from '../../persistence/media/media-nodes.js';

/** Below this, media is about to be lost: some two minutes of a 6 Mbit/s stream. */
const LOW_BYTES = 100 * 1024 ** 2;

/** A media folder and the room on its disk. */
export type MediaRoom = Pick<MediaNode, 'name' | 'freeBytes'>;

/**
 * Whether disks of media folders are so full that media will be lost; asked for before it is. Each ingest node tells of its own: the
 * API may see none of them, and what it sees at that place need not be one.
 * @returns the problems in words
 */
export function lackOfMediaSpace(folders: readonly MediaRoom[]): string[] {
  return folders.flatMap(({ name, freeBytes }) =>
    freeBytes === null || freeBytes >= LOW_BYTES
      ? []
      : [`The media folder of ${name} has ${Math.floor(freeBytes / 1024 ** 2)} MiB left: make room before segments are lost.`],
  );
}
