const OF_THE_SYSTEM = new Set([
  'VD_INGEST_MEDIA_UNWRITABLE',
  'VD_INGEST_DISK_FULL',
  'VD_INGEST_UNAVAILABLE',
  'ENOSPC',
  'EROFS',
  'EDQUOT',
  'EIO',
]);
/** As ffmpeg repeats it after the system. */
const IN_WORDS = /no space left on device|read-only file system|disk quota exceeded|input\/output error/i;
const MAX_DEPTH = 5;

/**
 * What Vedette's own machine is to blame for, in the words a stream's state says it with: whoever looks at the stream would search the
 * fault in the camera or the encoder.
 * @returns undefined where the source may be to blame
 */
export function systemFault(error: unknown): string | undefined {
  for (let cause = error, depth = 0; cause instanceof Error && depth < MAX_DEPTH; cause = cause.cause, depth++) {
    const { code } = cause as NodeJS.ErrnoException;
    if ((code !== undefined && OF_THE_SYSTEM.has(code)) || IN_WORDS.test(cause.message))
      return `Vedette cannot store it, which is no fault of the source: ${cause.message}`;
  }
  return undefined;
}
