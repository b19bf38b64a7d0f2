import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { VedetteConfig } from '../config/schema.js';
import { clipError } from '../errors/clip.errors.js';
import { ingestIdentity } from '../media/media-folder-identity.js';
import { diskSpace } from '../media/store/free-space.js';
import { writeWholeFile } from '../plugin-api/index.js';
import { roomLimits } from '../retention/disk-room.js';

const FILE = /^([0-9a-f-]{36})\.mp4$/;
const WORK = /^work-([0-9a-f-]{36})$/;

export type ClipFolderConfig = Pick<VedetteConfig, 'dataDir' | 'retention'>;

/** Where clips are files: `<id>.mp4`, and `work-<id>` while one is made. */
export class ClipFolder {
  readonly root: string;

  constructor(private readonly config: ClipFolderConfig) {
    this.root = join(config.dataDir, 'clips');
  }

  /** Which folder this is: it may be shared by several machines, or not. */
  host(): Promise<string> {
    return ingestIdentity(this.root);
  }

  path(id: string): string {
    return join(this.root, `${id}.mp4`);
  }

  /** An empty folder to work in. */
  async work(id: string): Promise<string> {
    const folder = join(this.root, `work-${id}`);
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    return folder;
  }

  async endWork(id: string): Promise<void> {
    await rm(join(this.root, `work-${id}`), { recursive: true, force: true });
  }

  /** Takes a file of the working folder into its place. */
  async keep(id: string, name: string): Promise<{ sizeBytes: number; sha256: string }> {
    const made = join(this.root, `work-${id}`, name);
    const sha256 = await sha256Of(made);
    await rename(made, this.path(id));
    return { sizeBytes: (await stat(this.path(id))).size, sha256 };
  }

  async remove(id: string): Promise<void> {
    await rm(this.path(id), { force: true });
  }

  /** A small file of ours beside those that ffmpeg works on. */
  async write(folder: string, name: string, text: string): Promise<void> {
    await writeWholeFile(join(folder, name), text);
  }

  /** Ids of all clips that are there. */
  async files(): Promise<string[]> {
    return this.ids(FILE);
  }

  /** Ids of jobs with a working folder that was not made just now. */
  async works(minAgeMs: number): Promise<string[]> {
    const old = [];
    for (const id of await this.ids(WORK)) {
      const { mtimeMs } = await stat(join(this.root, `work-${id}`)).catch(() => ({ mtimeMs: Number.POSITIVE_INFINITY }));
      if (mtimeMs < Date.now() - minAgeMs) old.push(id);
    }
    return old;
  }

  /**
   * What may be written before the disk is as full as retention lets it become: clips push nothing out.
   * @throws VD_CLIP_NO_ROOM where that is less than is needed
   */
  async room(neededBytes: number): Promise<number> {
    await mkdir(this.root, { recursive: true });
    const { freeBytes, totalBytes } = await diskSpace(this.root);
    if (freeBytes === null) return Number.MAX_SAFE_INTEGER;
    const { floorBytes } = roomLimits(this.config.retention, totalBytes);
    const room = freeBytes - floorBytes;
    if (room < neededBytes) {
      const detail = `It takes about ${neededBytes} bytes; ${freeBytes} are free, and ${floorBytes} of them stay free.`;
      throw clipError('VD_CLIP_NO_ROOM', detail);
    }
    return room;
  }

  private async ids(pattern: RegExp): Promise<string[]> {
    const names = await readdir(this.root).catch(() => []);
    return names.flatMap((name) => pattern.exec(name)?.[1] ?? []);
  }
}

async function sha256Of(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file, { highWaterMark: 1024 ** 2 })) hash.update(chunk as Buffer);
  return hash.digest('hex');
}
