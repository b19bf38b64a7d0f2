/** How an epoch's segments are written. */
export type SegmentContainer = 'mpegts' | 'fmp4';

const EXTENSIONS: Readonly<Record<SegmentContainer, string>> = { mpegts: 'ts', fmp4: 'm4s' };
/** What stands before every fMP4 segment of an epoch, in the epoch's folder. */
export const INITIALIZATION_NAME = 'init.mp4';

/** @example segmentFileName(12) === '000012.ts'; segmentFileName(12, 'fmp4') === '000012.m4s' */
export function segmentFileName(sequence: number, container: SegmentContainer = 'mpegts'): string {
  return `${String(sequence).padStart(6, '0')}.${EXTENSIONS[container]}`;
}

/** By its name, or by the path that ends in it. */
export function containerOf(name: string): SegmentContainer {
  return name.endsWith(`.${EXTENSIONS.fmp4}`) ? 'fmp4' : 'mpegts';
}

/**
 * Where the segment before a segment stands; null for the first of an epoch.
 * @example pathBefore('s/e/000012.ts') === 's/e/000011.ts'
 */
export function pathBefore(path: string): string | null {
  const split = path.lastIndexOf('/') + 1;
  const sequence = Number.parseInt(path.slice(split), 10);
  return sequence > 0 ? `${path.slice(0, split)}${segmentFileName(sequence - 1, containerOf(path))}` : null;
}

/**
 * Where the initialization of a segment stands; null for one that needs none.
 * @example initializationPath('s/e/000012.m4s') === 's/e/init.mp4'; initializationPath('s/e/000012.ts') === null
 */
export function initializationPath(path: string): string | null {
  return containerOf(path) === 'fmp4' ? `${path.slice(0, path.lastIndexOf('/') + 1)}${INITIALIZATION_NAME}` : null;
}

/**
 * How a segment's file is called until it is complete.
 * @example unfinishedName('000012.ts') === '000012.ts.tmp'
 */
export const unfinishedName = (path: string): string => `${path}.tmp`;
