import { isAbsolute } from 'node:path';
import { durationMs, z } from 'vedette/plugin';

/** As the writer calls the stream: part of a file name. */
const NAME = /^(?!\.)[^/\\\p{Cc}]{1,200}$/u;
/** File names with `*` for any characters and `?` for one. */
const FILES = /^(?!\.)[^/\\\p{Cc}]{1,200}$/u;

export const folderConfigSchema = z.strictObject({
  path: z
    .string()
    .max(4096)
    .refine((path) => isAbsolute(path) && !path.includes('\0'), 'an absolute path such as /var/www/hls')
    .describe("The writer's folder; below one of `ingest.folders`"),
  name: z
    .string()
    .regex(NAME, 'the name of the stream, without a folder')
    .optional()
    .describe('The stream, where the folder has several: `<name>.m3u8`, or the folder `<name>`'),
  layout: z
    .enum(['auto', 'nginx-rtmp', 'ffmpeg', 'mediamtx', 'plain'])
    .default('auto')
    .describe('Who writes. nginx-rtmp, ffmpeg: by its playlist; mediamtx (recordings), plain: files without one; auto: as it looks'),
  files: z
    .string()
    .regex(FILES, 'a file name, with * for any characters')
    .default('*.ts')
    .describe('Which files are segments, where there is no playlist'),
  storage: z
    .enum(['auto', 'link', 'copy'])
    .default('auto')
    .describe(
      'link: share files with the writer, for one that never opens a name twice; auto: only where the name says when it was written',
    ),
  onFinished: z.enum(['keep', 'delete']).default('keep').describe('What becomes of a file of the writer once it is stored'),
  older: z
    .enum(['skip', 'take'])
    .default('skip')
    .describe('Files that lie there at the start and that the playlist does not name, or that were written a minute before the start'),
  silenceTimeout: durationMs
    .refine((ms) => ms >= 1000 && ms <= 3_600_000, 'between 1s and 1h')
    .optional()
    .describe('After so long without a new segment the publisher is gone; absent: `packaging.silenceTimeout`, and three segments at least'),
});

export type FolderConfig = z.output<typeof folderConfigSchema>;
export type FolderConfigInput = z.input<typeof folderConfigSchema>;
