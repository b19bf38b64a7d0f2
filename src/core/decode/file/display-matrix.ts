const FIXED_ONE = 65_536;
const MATRIX_BYTES = 36;

/**
 * What has to be done to a picture so that it stands upright, by the display matrix of its track: filters of libav, none for most files.
 * The same rules as `ffmpeg -autorotate`.
 * @param matrix nine 32-bit numbers in the byte order of this machine, as libav gives it
 */
export function uprightFilters(matrix: Uint8Array | null): readonly (readonly [filter: string, args: string])[] {
  if (matrix === null || matrix.length < MATRIX_BYTES) return [];
  const view = Buffer.from(matrix.buffer, matrix.byteOffset, MATRIX_BYTES);
  const at = (index: number): number => view.readInt32LE(4 * index) / FIXED_ONE;
  const [a, b, c, d] = [at(0), at(1), at(3), at(4)];
  if ((a === 0 && b === 0) || (c === 0 && d === 0)) return [];
  const scale = Math.hypot(a, c) || 1;
  const scaleB = Math.hypot(b, d) || 1;
  const degrees = ((Math.atan2(b / scaleB, a / scale) * 180) / Math.PI + 360) % 360;
  const isNear = (angle: number): boolean => Math.abs(degrees - angle) < 1;
  if (isNear(90)) return [['transpose', c > 0 ? 'cclock_flip' : 'clock']];
  if (isNear(270)) return [['transpose', c < 0 ? 'clock_flip' : 'cclock']];
  if (isNear(180)) return [...(a < 0 ? [['hflip', ''] as const] : []), ...(d < 0 ? [['vflip', ''] as const] : [])];
  if (isNear(0) || isNear(360)) return d < 0 ? [['vflip', '']] : [];
  const angle = `${degrees.toFixed(3)}*PI/180`;
  return [['rotate', `${angle}:ow=rotw(${angle}):oh=roth(${angle})`]];
}

/** Whether the filters change width for height. */
export const isTransposed = (filters: readonly (readonly [string, string])[]): boolean => filters.some(([name]) => name === 'transpose');
