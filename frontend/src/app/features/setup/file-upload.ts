import { signal } from '@angular/core';
import type { ImportWire, ProblemWire } from '../../api/models';
import { problemFrom } from '../../api/problem';
import type { UpkeepApi } from '../../api/upkeep-api';

/** Small enough to show that it goes on, and to send again. */
const PIECE_BYTES = 8 * 1024 * 1024;

/** Brings a file into a stream, piece by piece. */
export class FileUpload {
  /** 0..1 of what is sent. */
  readonly sent = signal(0);
  readonly made = signal<ImportWire | null>(null);
  readonly problem = signal<ProblemWire | null>(null);

  constructor(private readonly api: Pick<UpkeepApi, 'createImport' | 'uploadPiece'>) {}

  async send(streamId: string, file: Blob & { readonly name: string }): Promise<void> {
    try {
      const made = await this.api.createImport(streamId, { name: file.name, sizeBytes: file.size });
      this.made.set(made);
      for (let firstByte = 0; firstByte < file.size; firstByte += PIECE_BYTES) {
        const piece = file.slice(firstByte, firstByte + PIECE_BYTES);
        this.made.set(await this.api.uploadPiece(streamId, made.id, piece, { firstByte, totalBytes: file.size }));
        this.sent.set((firstByte + piece.size) / file.size);
      }
    } catch (error) {
      this.problem.set(problemFrom(error));
    }
  }
}
