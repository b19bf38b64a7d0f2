import { Injectable } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import { importError } from '../../errors/import.errors.js';
import { Database } from '../database.js';
import { printable } from '../postgres-text.js';
import * as sql from './import-statements.js';
import { type JobState, UNFINISHED } from '../../wire/job-states.js';

export type ImportState = 'uploading' | JobState;

/** A file that somebody brings into a stream, and what became of it. */
export interface ImportRecord {
  readonly id: string;
  /** In the order that they were asked for. */
  readonly number: string;
  readonly streamId: string;
  /** As whoever brought it calls it; for people, never for the disk. */
  readonly name: string;
  /** Of a file in a folder of the server; null: it was brought here. */
  readonly path: string | null;
  readonly sizeBytes: number;
  readonly receivedBytes: number;
  readonly hasFile: boolean;
  readonly state: ImportState;
  readonly detail: string | null;
  readonly errorCode: string | null;
  /** As it was asked for. */
  readonly recordedAtMs: number | null;
  /** Wall clock of its first media, once that is settled. */
  readonly startedMediaAtMs: number | null;
  readonly epochId: string | null;
  readonly mediaUs: number;
  readonly durationUs: number | null;
  /** Of the runs there are by now, how many have ended; null: there are none. */
  readonly analysed: number | null;
  readonly createdBy: string;
  readonly createdAtMs: number;
  readonly startedAtMs: number | null;
  readonly finishedAtMs: number | null;
}

export interface NewImport {
  readonly streamId: string;
  readonly name: string;
  readonly path: string | null;
  readonly sizeBytes: number;
  readonly recordedAtMs: number | null;
  readonly createdBy: string;
}

/** Where an epoch of a stream lies on the wall clock; an open one has no end yet. */
export interface TakenTime {
  readonly startedAtMs: number;
  readonly endedAtMs: number;
}

/** Imports of a stream that are not over. */
const MOST_WAITING = 1_000;

/** What may become of an import when somebody asks for it, and from which states. */
const STEPS = {
  pause: { to: 'paused', from: ['queued', 'running'] },
  resume: { to: 'queued', from: ['paused', 'failed'] },
  cancel: { to: 'cancelled', from: ['uploading', ...UNFINISHED, 'failed'] },
} as const satisfies Record<string, { to: ImportState; from: readonly ImportState[] }>;
export type ImportStep = keyof typeof STEPS;

/** Imports, as the API, the command line and ingest see them. Whoever changes a state says from which; nobody's word is lost. */
@Injectable()
export class ImportStore {
  constructor(private readonly database: Database) {}

  /** @throws VD_IMPORT_TOO_MANY */
  async create({ streamId, name, path, sizeBytes, recordedAtMs, createdBy }: NewImport): Promise<ImportRecord> {
    const id = randomUUID();
    const values = [id, streamId, printable(name), path, sizeBytes, recordedAtMs, printable(createdBy), MOST_WAITING];
    const rows = await this.database.rows(sql.CREATE, values);
    if (rows.length === 0) throw importError('VD_IMPORT_TOO_MANY', `${MOST_WAITING} imports into this stream are not over`);
    return (await this.get(id))!;
  }

  async get(id: string): Promise<ImportRecord | null> {
    const [record] = await this.database.rows<ImportRecord>(sql.GET, [id]);
    return record ?? null;
  }

  /** The newest first. @param before number of the last one of the page before */
  list(streamId: string, limit: number, before: string | null): Promise<ImportRecord[]> {
    return this.database.rows<ImportRecord>(sql.LIST, [streamId, limit, before]);
  }

  /** So much of the file is here. */
  async received(id: string, receivedBytes: number): Promise<void> {
    await this.database.rows(sql.RECEIVED, [id, receivedBytes]);
  }

  /** All of the file is here. @returns false when it is not being uploaded any more */
  async queue(id: string): Promise<boolean> {
    return (await this.database.rows(sql.QUEUE, [id])).length > 0;
  }

  /** @throws VD_IMPORT_STATE */
  async step(id: string, step: ImportStep): Promise<ImportRecord> {
    const { to, from } = STEPS[step];
    const changed = await this.database.rows(sql.STEP, [id, to, from]);
    const record = await this.get(id);
    if (changed.length === 0 && record?.state !== to)
      throw importError('VD_IMPORT_STATE', `It is ${record?.state ?? 'not there'}: ${step} is for what is ${from.join(' or ')}`);
    return record!;
  }

  /** @returns false where there is none, or it is not over */
  async remove(id: string): Promise<boolean> {
    return (await this.database.rows(sql.REMOVE, [id])).length > 0;
  }

  /** The next import of a stream to be worked on: one that was begun first. Whoever has the stream is the only one that asks. */
  async take(streamId: string): Promise<ImportRecord | null> {
    const [row] = await this.database.rows<{ id: string }>(sql.TAKE, [streamId]);
    return row === undefined ? null : this.get(row.id);
  }

  async begun(id: string, { epochId, startedAtMs, durationUs }: Begun): Promise<void> {
    await this.database.rows(sql.BEGUN, [id, epochId, startedAtMs, durationUs]);
  }

  /** @returns false when somebody wants it to stop */
  async reached(id: string, mediaUs: number): Promise<boolean> {
    return (await this.database.rows(sql.REACHED, [id, Math.round(mediaUs)])).length > 0;
  }

  async finish(
    id: string,
    outcome: { readonly state: 'done' | 'failed'; readonly detail: string | null; readonly errorCode: string | null },
  ) {
    const { state, detail, errorCode } = outcome;
    await this.database.rows(sql.FINISH, [id, state, detail === null ? null : printable(detail), errorCode]);
  }

  /** What of these epochs belongs to imports that go on some time. */
  async unfinished(epochIds: readonly string[]): Promise<ReadonlySet<string>> {
    if (epochIds.length === 0) return new Set();
    const rows = await this.database.rows<{ epoch_id: string }>(sql.UNFINISHED, [epochIds]);
    return new Set(rows.map((row) => row.epoch_id));
  }

  /** When there are recordings of a stream between two times; the latest first. */
  taken(streamId: string, fromMs: number, toMs: number, exceptEpochId: string | null): Promise<TakenTime[]> {
    return this.database.rows<TakenTime>(sql.TAKEN, [streamId, fromMs, toMs, exceptEpochId]);
  }

  /** Files that were brought here and are of no use any more: of imports that are over, failed ones `keptMs` after that. */
  async useless(keptMs: number, abandonedMs: number): Promise<string[]> {
    const rows = await this.database.rows<{ id: string }>(sql.USELESS, [keptMs, abandonedMs]);
    return rows.map(({ id }) => id);
  }

  /** Its file is deleted. */
  async fileGone(id: string): Promise<void> {
    await this.database.rows(sql.FILE_GONE, [id]);
  }
}

export interface Begun {
  readonly epochId: string;
  readonly startedAtMs: number;
  readonly durationUs: number | null;
}
