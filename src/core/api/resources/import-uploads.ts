import { Inject, Injectable } from '@nestjs/common';
import { mkdir, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Readable } from 'node:stream';
import { VEDETTE_CONFIG, type VedetteConfig } from '../../config/schema.js';
import { apiError } from '../../errors/api.errors.js';
import { importError } from '../../errors/import.errors.js';
import { allowedFile } from '../../media/files/allowed-file.js';
import { ImportSpool, spoolFolder } from '../../media/files/import-spool.js';
import { diskSpace } from '../../media/store/free-space.js';
import { type ImportRecord, ImportStore } from '../../persistence/imports/import-store.js';
import { PluginRegistry } from '../../plugin-host/plugin-registry.js';
import { roomLimits } from '../../retention/disk-room.js';
import type { ContentRange } from '../http/content-range.js';
import type { NewImportBody } from '../../wire/imports.wire.js';

/** Takes files that people bring, whole or in pieces, and puts them where ingest finds them. */
@Injectable()
export class ImportUploads {
  private readonly spool: ImportSpool;

  constructor(
    private readonly store: ImportStore,
    private readonly registry: PluginRegistry,
    @Inject(VEDETTE_CONFIG) private readonly config: VedetteConfig,
  ) {
    this.spool = new ImportSpool(spoolFolder(config));
  }

  /**
   * @throws VD_IMPORT_NOT_A_FILE_STREAM, VD_IMPORT_TOO_LARGE, VD_IMPORT_NO_SPACE, VD_IMPORT_TOO_MANY, VD_IMPORT_PATH_REFUSED
   */
  async create(stream: { readonly id: string; readonly adapterId: string }, body: NewImportBody, createdBy: string): Promise<ImportRecord> {
    const source = this.registry.sources.find(({ definition }) => definition.id === stream.adapterId);
    if (source?.definition.pace !== 'file')
      throw importError('VD_IMPORT_NOT_A_FILE_STREAM', `The stream's media comes from its source adapter "${stream.adapterId}"`);
    const recordedAtMs = body.recordedAt === undefined ? null : Date.parse(body.recordedAt);
    const file = 'path' in body ? await allowedFile(body.path, this.config.imports.folders) : null;
    const sizeBytes = 'sizeBytes' in body ? body.sizeBytes : file!.sizeBytes;
    const { maxSize } = this.config.imports;
    if (sizeBytes > maxSize) throw importError('VD_IMPORT_TOO_LARGE', `It has ${sizeBytes} bytes; the limit is ${maxSize}`);
    await this.checkRoom(sizeBytes, file === null);
    const name = 'name' in body ? body.name : basename(file!.path);
    return this.store.create({ streamId: stream.id, name, path: file?.path ?? null, sizeBytes, recordedAtMs, createdBy });
  }

  /**
   * Takes a piece of a file; with the last one the import is queued.
   * @param whole called before that
   * @throws VD_IMPORT_STATE, VD_IMPORT_OFFSET, VD_IMPORT_NO_SPACE
   */
  async receive(record: ImportRecord, body: Readable, range: ContentRange | null, whole?: () => Promise<void>): Promise<ImportRecord> {
    const { id, state, sizeBytes } = record;
    if (state !== 'uploading') throw importError('VD_IMPORT_STATE', `It is ${state}: nothing of its file is missing`);
    if (range !== null && range.totalBytes !== sizeBytes)
      throw importError('VD_IMPORT_OFFSET', `the file was said to have ${sizeBytes} bytes, and now ${range.totalBytes}`);
    // All of it at once: what came of an earlier attempt is of no use.
    if (range === null) await this.spool.remove(id);
    const [firstByte, endByte] = [range?.firstByte ?? 0, (range?.lastByte ?? sizeBytes - 1) + 1];
    let received = 0;
    try {
      received = await this.spool.append(id, { body, firstByte, endByte });
      if (range === null && received < sizeBytes)
        throw importError('VD_IMPORT_OFFSET', `the file was said to have ${sizeBytes} bytes, and ${received} came`);
    } finally {
      // One that came whole, or not at all, leaves nothing.
      if (range === null && received < sizeBytes) await this.spool.remove(id);
      await this.store.received(id, await this.spool.sizeOf(id));
    }
    if (received === sizeBytes) await whole?.();
    // Cancelled meanwhile: nobody wants it.
    if (received === sizeBytes && !(await this.store.queue(id))) await this.drop(id);
    return this.one(record.streamId, id);
  }

  /** @throws VD_API_NOT_FOUND */
  async one(streamId: string, id: string): Promise<ImportRecord> {
    const record = await this.store.get(id);
    if (record?.streamId !== streamId) throw apiError('VD_API_NOT_FOUND', `Stream ${streamId} has no import ${id}.`);
    return record;
  }

  /** It goes no further, and its file goes. @throws VD_IMPORT_STATE */
  async cancel(id: string): Promise<void> {
    await this.store.step(id, 'cancel');
    await this.drop(id);
  }

  /** Nothing is left of it but what is in the stream. */
  async remove({ id, state }: ImportRecord): Promise<void> {
    if (state !== 'done' && state !== 'cancelled') await this.store.step(id, 'cancel');
    await this.drop(id);
    await this.store.remove(id);
  }

  private async drop(id: string): Promise<void> {
    await this.spool.remove(id);
    await this.store.fileGone(id);
  }

  /** The file and what is made of it need room; what retention keeps free stays free. */
  private async checkRoom(sizeBytes: number, isUploaded: boolean): Promise<void> {
    const { mediaDir, retention } = this.config;
    const folders = isUploaded ? [this.spool.folder, mediaDir] : [mediaDir];
    if (isUploaded) await mkdir(this.spool.folder, { recursive: true });
    const disks = await Promise.all(folders.map((folder) => deviceOf(folder)));
    for (const [at, folder] of folders.entries()) {
      if (disks[at] === null) continue; // another machine's
      const { freeBytes, totalBytes } = await diskSpace(folder);
      const needed = sizeBytes * disks.filter((disk) => disk === disks[at]).length;
      const { floorBytes } = roomLimits(retention, totalBytes);
      if (freeBytes !== null && freeBytes - floorBytes < needed) {
        const free = Math.max(0, freeBytes - floorBytes);
        throw importError('VD_IMPORT_NO_SPACE', `${folder} has room for ${free} bytes besides what stays free; ${needed} are needed`);
      }
    }
  }
}

const deviceOf = (folder: string): Promise<number | null> =>
  stat(folder).then(
    ({ dev }) => dev,
    () => null,
  );
