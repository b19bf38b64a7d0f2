import { createReadStream } from 'node:fs';
import { chown, stat } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { InvalidInput } from '../../core/api/http/validation.pipe.js';
import { ImportUploads } from '../../core/api/resources/import-uploads.js';
import { COMMAND_LINE } from '../../core/audit/actor.js';
import { loadConfig } from '../../core/config/load-config.js';
import { importError } from '../../core/errors/import.errors.js';
import { ImportSpool, sizeOf, spoolFolder } from '../../core/media/files/import-spool.js';
import type { ImportRecord, ImportStore } from '../../core/persistence/imports/import-store.js';
import { withStores } from '../database-access.js';
import { databaseUrlOf } from '../database-address.js';
import { streamNamed } from '../named.js';
import { checkPlugins } from '../plugin-check.js';
import { importLine } from '../imports/import-line.js';
import { follow } from '../process/follow.js';

interface ImportOptions {
  readonly recordedAt?: Date;
  readonly wait: boolean;
}

/** Brings files of this machine into a stream, and tells how far they are. */
export function importCommand(): Command {
  return new Command('import')
    .description('Import video files into a stream, each as a recording of its own')
    .argument('<stream>', 'name of a stream with the source adapter "file"')
    .argument('<file...>', 'video files of this machine')
    .option('--recorded-at <time>', 'when the first was recorded (ISO 8601); the others follow. Absent: as the files say', timeOf)
    .option('--no-wait', 'do not wait until they are imported')
    .addHelpText('after', '\nExample: vedette import archive holiday.mp4 --recorded-at 2026-07-14T10:00:00Z')
    .action((stream: string, files: string[], options: ImportOptions) => importAll(stream, files, options));
}

/** @throws VD_API_INVALID, VD_STREAM_NOT_FOUND, VD_IMPORT_FILE_GONE, and what an upload is refused for */
async function importAll(name: string, files: readonly string[], { recordedAt, wait }: ImportOptions): Promise<void> {
  if (!wait && recordedAt !== undefined && files.length > 1)
    throw new InvalidInput([{ path: '--no-wait', message: 'with --recorded-at one file at a time: the next one begins where it ends' }]);
  const loaded = loadConfig();
  const registry = await checkPlugins(loaded);
  await withStores(loaded, databaseUrlOf(loaded), async ({ streams, imports, audit }) => {
    const stream = await streamNamed(streams, name);
    const uploads = new ImportUploads(imports, registry, loaded.config);
    const spool = new ImportSpool(spoolFolder(loaded.config));
    let nextAt = recordedAt;
    for (const file of files) {
      const path = resolve(file);
      const sizeBytes = await sizeOf(path);
      if (sizeBytes === undefined) throw importError('VD_IMPORT_FILE_GONE', `There is no file ${path}`);
      const body = { name: basename(path), sizeBytes, ...(nextAt && { recordedAt: nextAt.toISOString() }) };
      const made = await uploads.create(stream, body, COMMAND_LINE.name);
      const detail = { importId: made.id, name: made.name, sizeBytes };
      await audit.record({ by: COMMAND_LINE, action: 'import.create', target: stream.id, detail });
      await uploads.receive(made, createReadStream(path), null, () => giveAway(spool, made.id));
      print(`${made.name} is brought in.`);
      if (!wait) continue;
      const over = await untilOver(imports, made.id);
      // The next one begins where this one ended.
      nextAt = nextAt && new Date(nextAt.getTime() + (over.durationUs ?? 0) / 1000);
      if (over.state !== 'done') process.exitCode = 1;
    }
  });
}

/** What root has brought is for whoever has the folder. */
async function giveAway(spool: ImportSpool, importId: string): Promise<void> {
  if (process.getuid?.() !== 0) return;
  const { uid, gid } = await stat(spool.folder);
  await chown(spool.pathOf(importId), uid, gid);
}

async function untilOver(imports: ImportStore, id: string): Promise<ImportRecord> {
  return follow({
    look: async () => {
      const record = await imports.get(id);
      if (record === null) throw importError('VD_IMPORT_STATE', 'Somebody has deleted the import');
      return record;
    },
    isOver: ({ state }) => ['done', 'failed', 'cancelled'].includes(state),
    lineOf: importLine,
  });
}

const print = (line: string): void => void process.stdout.write(`${line}\n`);

function timeOf(text: string): Date {
  const atMs = Date.parse(text);
  if (Number.isNaN(atMs)) throw new InvalidArgumentError('a time such as 2026-07-14T10:00:00Z.');
  return new Date(atMs);
}
