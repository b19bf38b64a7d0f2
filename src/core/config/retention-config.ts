import { z } from 'zod';
import { durationMs, sizeBytes } from './duration.js';

/** A part of a disk, or so many bytes of it. */
export type DiskAmount = { readonly bytes: number } | { readonly share: number };

const FOREVER = 'forever';
const UNLIMITED = 'unlimited';

/** A duration, or `forever`, which is null. */
const keepFor = z
  .string()
  .regex(/^(forever|\d+(\.\d+)?(ms|s|m|h|d))$/, 'a duration with its unit, such as "30d", or "forever"')
  .transform((text) => (text === FOREVER ? null : durationMs.parse(text)));

/** A size, a share of the disk, or `unlimited`, which is null. */
const diskAmount = z
  .string()
  .regex(
    /^(unlimited|\d+(\.\d+)?(B|kB|MB|GB|TB|KiB|MiB|GiB)|([1-9]?\d|100)(\.\d+)?%)$/,
    'a size such as "500GB", a share of the disk such as "50%", or "unlimited"',
  )
  .transform((text): DiskAmount | null => {
    if (text === UNLIMITED) return null;
    return text.endsWith('%') ? { share: Number.parseFloat(text) / 100 } : { bytes: sizeBytes.parse(text) };
  });

/** Room that must stay: there is no `unlimited` of it. */
const room = diskAmount
  .refine((amount) => amount !== null, 'a size such as "2GiB", or a share of the disk such as "5%"')
  .transform((amount) => amount!);

/** What is kept for how long, and what goes first when there is no room. Streams may have values of their own. */
export const retentionConfig = z.strictObject({
  feed: durationMs.prefault('24h').describe('How long the feed that WebSocket clients resume from is kept'),
  media: z
    .strictObject({
      maxAge: keepFor.prefault('30d').describe('Media older than this is deleted; or `forever`'),
      maxSize: diskAmount
        .prefault('50%')
        .describe('Media folder of a node: beyond this size the oldest media is deleted. A size, a share of its disk, or `unlimited`'),
      eventMaxAge: keepFor.prefault('90d').describe('The same as `maxAge`, for media with events and media that somebody marked'),
      eventMargin: durationMs.prefault('10s').describe('Media before and after an event that counts as part of it'),
      events: z
        .array(z.string().min(1).max(200))
        .max(100)
        .default(['*'])
        .describe('Names of the events that count; `*` and `?` are wildcards, and `!` excludes: `["*", "!cut"]`'),
    })
    .prefault({}),
  results: z
    .strictObject({
      maxAge: keepFor
        .prefault('90d')
        .describe('Results older than this are deleted, a whole day (UTC) at once; never before the media that they are of'),
      maxSize: diskAmount
        .prefault('25%')
        .describe(
          'Database: beyond this size the oldest days of results are deleted. A size, a share of its disk (embedded database only), or ' +
            '`unlimited`',
        ),
    })
    .prefault({}),
  disk: z
    .strictObject({
      floor: room
        .prefault('5%')
        .describe(
          'Free space below which the oldest media and results go, whatever their age. A size, or a share of the disk (10GB at most)',
        ),
      reserve: room
        .prefault('1%')
        .describe(
          'Free space below which nothing is recorded until there is room again: the database needs it. A size, or a share (1GB at most)',
        ),
    })
    .prefault({}),
  interval: durationMs
    .refine((ms) => ms >= 1_000, 'at least 1s')
    .prefault('30s')
    .describe('How often Vedette looks what has to go'),
  scan: z
    .strictObject({
      rate: sizeBytes
        .prefault('2MiB')
        .describe('Media that is read per second to compare it with its checksums; 0B: only whether files are there'),
      interval: durationMs
        .refine((ms) => ms >= 1_000, 'at least 1s')
        .prefault('1h')
        .describe('Pause between two looks at all files'),
    })
    .prefault({}),
});

export type RetentionConfig = z.output<typeof retentionConfig>;

/** @param totalBytes of the disk; null where it is not known: then a share of it is no limit */
export function bytesOf(amount: DiskAmount | null, totalBytes: number | null): number | null {
  if (amount === null) return null;
  if ('bytes' in amount) return amount.bytes;
  return totalBytes === null ? null : Math.floor(amount.share * totalBytes);
}
