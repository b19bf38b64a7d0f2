import type { RetentionConfig } from '../config/retention-config.js';
import { bytesOf } from '../config/retention-config.js';
import type { DiskSpace } from '../media/store/free-space.js';

/** What a disk's room means: `full`: nothing is recorded; `low`: the oldest goes. */
export type DiskLevel = 'ok' | 'low' | 'full';

export interface RoomLimits {
  readonly floorBytes: number;
  readonly reserveBytes: number;
}

/** Once there is too little room, this much more than the least is made: not again with every segment. */
const HEADROOM = 1.1;
/** Recording that was stopped starts again with this many times the room at which it stopped. */
const RESUME = 2;

/** A share of a large disk is more than anybody needs to keep free: from here on it grows no more. Sizes are taken as they are. */
const MOST_BY_SHARE = { floor: 10e9, reserve: 1e9 } as const;

export function roomLimits({ disk }: RetentionConfig, totalBytes: number | null): RoomLimits {
  const bytes = (which: 'floor' | 'reserve'): number => {
    const given = bytesOf(disk[which], totalBytes) ?? 0;
    return 'share' in disk[which] ? Math.min(given, MOST_BY_SHARE[which]) : given;
  };
  const floorBytes = bytes('floor');
  return { floorBytes, reserveBytes: Math.min(bytes('reserve'), floorBytes) };
}

/** What has to become free. */
export function shortOf({ freeBytes }: DiskSpace, { floorBytes }: RoomLimits): number {
  return freeBytes === null || freeBytes >= floorBytes ? 0 : Math.ceil(floorBytes * HEADROOM - freeBytes);
}

/** @param was the level before: what was full is so until there is room for more than a moment */
export function levelOf({ freeBytes }: DiskSpace, { floorBytes, reserveBytes }: RoomLimits, was: DiskLevel): DiskLevel {
  if (freeBytes === null) return 'ok';
  const fullBelow = was === 'full' ? Math.min(RESUME * reserveBytes, floorBytes) : reserveBytes;
  if (freeBytes < fullBelow) return 'full';
  return freeBytes < floorBytes ? 'low' : 'ok';
}
