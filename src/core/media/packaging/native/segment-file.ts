import { close, fsync, ftruncate, mkdir, open, rename, rm, write } from 'node:fs';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { crc32 } from 'node:zlib';
import { checksumText } from '../../checksum.js';
import { isMissing } from '../../epoch-folder.js';
import { unfinishedName } from '../../segment-name.js';

const fs = {
  close: promisify(close),
  fsync: promisify(fsync),
  ftruncate: promisify(ftruncate),
  mkdir: promisify(mkdir),
  open: promisify(open),
  rename: promisify(rename),
  rm: promisify(rm),
  write: promisify(write),
};

/** One segment's file while it is written: it has another name until it is complete. */
export class SegmentFile {
  /** What was written for certain: the file is cut off here when something fails. */
  sizeBytes = 0;
  private crc = 0;
  private isClosed = false;

  private constructor(
    private readonly path: string,
    private readonly descriptor: number,
  ) {}

  /** A folder that is gone is made anew: recording goes on. */
  static async create(path: string): Promise<SegmentFile> {
    const unfinished = unfinishedName(path);
    try {
      return new SegmentFile(path, await fs.open(unfinished, 'w'));
    } catch (error) {
      if (!isMissing(error)) throw error;
      await fs.mkdir(dirname(path), { recursive: true });
      return new SegmentFile(path, await fs.open(unfinished, 'w'));
    }
  }

  async append(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length;) at += (await fs.write(this.descriptor, bytes, at, bytes.length - at, null)).bytesWritten;
    this.sizeBytes += bytes.length;
    this.crc = crc32(bytes, this.crc);
  }

  /** Of what was written for certain: see `checksumOf`. */
  get checksum(): string {
    return checksumText(this.crc);
  }

  /** Gives it its name. @param isSynced what was written is on the disk before */
  async complete(isSynced: boolean): Promise<void> {
    if (isSynced) await fs.fsync(this.descriptor);
    await this.close();
    await fs.rename(unfinishedName(this.path), this.path);
  }

  /**
   * Keeps what was written for certain, after a failure; can be tried again.
   * @returns false when nothing was, or somebody has removed the file
   */
  async salvage(): Promise<boolean> {
    if (!this.isClosed) {
      await fs.ftruncate(this.descriptor, this.sizeBytes);
      await this.close();
    }
    try {
      if (this.sizeBytes === 0) await fs.rm(unfinishedName(this.path), { force: true });
      else await fs.rename(unfinishedName(this.path), this.path);
      return this.sizeBytes > 0;
    } catch (error) {
      if (!isMissing(error)) throw error;
      return false;
    }
  }

  /** Lets go of it as it is. */
  async close(): Promise<void> {
    if (this.isClosed) return;
    this.isClosed = true;
    await fs.close(this.descriptor);
  }
}
