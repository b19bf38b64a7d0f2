import { Injectable } from '@nestjs/common';
import { ThumbnailReads } from '../persistence/thumbnails/thumbnail-reads.js';
import { SHEET_COLUMNS, SHEET_ROWS } from '../persistence/thumbnails/thumbnail-slots.js';
import { PictureReader } from './picture-reader.js';

/** Sheets of a stream's thumbnails, put together when somebody asks. */
@Injectable()
export class ThumbnailSheets {
  constructor(
    private readonly thumbnails: ThumbnailReads,
    private readonly reader: PictureReader,
  ) {}

  /** @returns null where none is kept of that quarter of an hour. @throws VD_PICTURE_BUSY, VD_PICTURE_READER_DOWN */
  async jpeg(streamId: string, sheet: number): Promise<Uint8Array | null> {
    const pictures = await this.thumbnails.sheet(streamId, sheet);
    if (pictures.length === 0) return null;
    return (await this.reader.sheet({ columns: SHEET_COLUMNS, rows: SHEET_ROWS, pictures })).bytes;
  }
}
