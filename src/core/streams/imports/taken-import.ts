import { importError } from '../../errors/import.errors.js';
import type { FileEnd, FileFacts } from '../../decode/file/file-reader.js';
import { ReadingFile, type FileReaderLaunch } from '../../media/files/reading-file.js';
import { type ImportSpool, sizeOf } from '../../media/files/import-spool.js';
import type { ImportRecord, ImportStore } from '../../persistence/imports/import-store.js';
import { mediaAgeOf, type StreamRetentions } from '../../persistence/retention/stream-retention.js';
import {
  CodedError,
  errorText,
  type EncodedFrame,
  type FileEnding,
  type FileImport,
  type OpenFile,
  type PtsUs,
} from '../../plugin-api/index.js';
import { placeRecording } from './import-date.js';

export interface TakenImportServices {
  readonly store: ImportStore;
  readonly retentions: StreamRetentions;
  /** `retention.media.maxAge` */
  readonly usualAgeMs: number | null;
  readonly launch: FileReaderLaunch;
  readonly spool: ImportSpool;
}

const CHANGED: Readonly<Record<FileFacts['encodedFor'][number], string>> = {
  rotated: 'turned upright',
  interlaced: 'deinterlaced',
  trimmed: 'cut where the file says',
  pixels: 'given square pixels',
  codec: 'encoded as H.264',
  format: 'encoded as what browsers show',
};

/** One row of the imports, as the source that works on it has it. */
export class TakenImport implements FileImport {
  readonly importId: string;
  readonly name: string;
  readonly epochId: string | undefined;
  private facts: FileFacts | undefined;
  private startedMediaAtMs: number | null;

  constructor(
    private readonly record: ImportRecord,
    private readonly services: TakenImportServices,
  ) {
    this.importId = record.id;
    this.name = record.name;
    this.epochId = record.epochId ?? undefined;
    this.startedMediaAtMs = record.startedMediaAtMs;
  }

  async open(): Promise<OpenFile> {
    const { spool, launch } = this.services;
    const { id, path, sizeBytes } = this.record;
    const place = path ?? spool.pathOf(id);
    if ((await sizeOf(place)) === undefined) throw importError('VD_IMPORT_FILE_GONE', `There is no file ${place} on this machine`);
    if (sizeBytes === 0) throw importError('VD_IMPORT_NOT_MEDIA', 'The file is empty');
    const { file, facts } = await ReadingFile.open(place, launch);
    this.facts = facts;
    const changed = facts.encodedFor.map((why) => CHANGED[why]).join(', ');
    return {
      video: facts.video,
      ...(facts.audio && { audio: facts.audio }),
      startUs: facts.startUs,
      durationUs: facts.durationUs,
      ...(changed !== '' && { changed: `The pictures were ${changed}` }),
      frames: (fromUs) => framesOf(file, fromUs, facts.durationUs),
      close: () => file.close(),
    };
  }

  async startedAtMs({ durationUs }: OpenFile): Promise<number> {
    if (this.startedMediaAtMs !== null) return Math.round(this.startedMediaAtMs);
    const { store, retentions, usualAgeMs } = this.services;
    const { streamId, recordedAtMs, epochId } = this.record;
    const [nowMs, durationMs] = [Date.now(), (durationUs ?? 0) / 1000];
    const wantedMs = recordedAtMs ?? this.facts?.createdAtMs ?? null;
    const from = (wantedMs ?? 0) - 1;
    const taken = await store.taken(streamId, from, Math.max(nowMs, from + durationMs) + 1, epochId);
    const startedAtMs = placeRecording({ startedAtMs: wantedMs, durationMs, nowMs }, taken);
    const ageMs = mediaAgeOf(await retentions.of(streamId), usualAgeMs);
    if (ageMs !== null && startedAtMs + durationMs < nowMs - ageMs)
      throw importError(
        'VD_IMPORT_TOO_OLD',
        `It was recorded at ${new Date(startedAtMs).toISOString()}; the stream keeps ${ageMs / 86_400_000} days`,
      );
    this.startedMediaAtMs = startedAtMs;
    return startedAtMs;
  }

  async begun(epochId: string): Promise<void> {
    const startedAtMs = this.startedMediaAtMs;
    if (startedAtMs === null) throw new Error('an import begins once its date is settled');
    await this.services.store.begun(this.importId, { epochId, startedAtMs, durationUs: this.facts?.durationUs ?? null });
  }

  reached(mediaUs: PtsUs): Promise<boolean> {
    return this.services.store.reached(this.importId, mediaUs);
  }

  async isPaused(): Promise<boolean> {
    const state = (await this.services.store.get(this.importId))?.state;
    return state === 'paused' || state === 'queued';
  }

  async done(detail?: string): Promise<void> {
    const { store, spool } = this.services;
    await store.finish(this.importId, { state: 'done', detail: detail ?? null, errorCode: null });
    if (!this.record.hasFile) return;
    await spool.remove(this.importId);
    await store.fileGone(this.importId);
  }

  async failed(error: unknown): Promise<void> {
    const coded = error instanceof CodedError ? error : undefined;
    const detail = `${errorText(error)}${coded?.fix === undefined ? '' : `. ${coded.fix}`}`;
    await this.services.store.finish(this.importId, { state: 'failed', detail, errorCode: coded?.code ?? null });
  }
}

async function* framesOf(
  file: ReadingFile,
  fromUs: PtsUs | undefined,
  durationUs: number | null,
): AsyncGenerator<EncodedFrame, FileEnding, void> {
  const frames = file.frames(fromUs ?? null);
  for (;;) {
    const step = await frames.next();
    if (step.done === true) return endingOf(step.value, durationUs);
    yield step.value;
  }
}

function endingOf({ missing, shortUs, lastPtsUs }: FileEnd, durationUs: number | null): FileEnding {
  const [videoFrames, audioFrames] = [missing.video, missing.audio];
  const isLossy = videoFrames + audioFrames > 0;
  const seconds = (us: number): string => (us / 1_000_000).toFixed(1);
  const detail = [
    ...(shortUs > 0
      ? [`The file says that it has ${seconds(durationUs ?? 0)} s, and ends ${seconds(shortUs)} s before that: what is there is imported`]
      : []),
    ...(isLossy ? [`${videoFrames} pictures and ${audioFrames} frames of sound in it are damaged, and left out`] : []),
  ].join('. ');
  return {
    ...(isLossy && {
      loss: {
        reason: 'damaged',
        videoFrames,
        audioFrames,
        ...(lastPtsUs !== null && { fromPtsUs: lastPtsUs, toPtsUs: lastPtsUs + shortUs }),
      },
    }),
    ...(detail !== '' && { detail }),
  };
}
