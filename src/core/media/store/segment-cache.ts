import { rmdirSync, rmSync } from 'node:fs';
import { access, mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { isProcessAlive } from '../../runtime/process-alive.js';
import { DAY_MS } from '../../plugin-api/index.js';
import { mediaError } from '../../errors/media.errors.js';
import { isMissing } from '../epoch-folder.js';
import type { HeldSegment } from './segment-files.js';
import { isSegmentPath } from './segment-path.js';

/** Containers that share a folder have the same process ids. */
const HOST = `${hostname()}-`;
/** Whether a process of another host is alive cannot be seen; one that fetched nothing for so long is taken for dead. */
const STALE_MS = DAY_MS;

/** Writes the segment to the file. @returns its size in bytes */
export type SegmentLoader = (file: string, signal: AbortSignal) => Promise<number>;

interface Entry {
  readonly sizeBytes: number;
  holders: number;
}

/** A load under way. It goes on for as long as anyone waits for it. */
interface Flight {
  readonly done: Promise<void>;
  readonly calledOff: AbortController;
  readonly isCasual: boolean;
  waiting: number;
}

/**
 * Segments of other machines, kept on this machine's disk for a while: the longest unused goes first, one that is held never.
 * Each process has a folder of its own below the cache's, named for its host and its process id.
 */
export class SegmentCache {
  /** Below it a segment stands at its path. */
  readonly root: string;
  /** In order of last use. */
  private readonly entries = new Map<string, Entry>();
  private readonly flights = new Map<string, Flight>();
  private sizeBytes = 0;
  private loads = 0;

  constructor(
    private readonly folder: string,
    private readonly maxBytes: number,
  ) {
    this.root = join(folder, `${HOST}${process.pid}`);
  }

  /** Removes what processes left that are no more, and whatever stands where this one will write. */
  async clean(): Promise<void> {
    const names = await readdir(this.folder).catch((error: unknown) => {
      if (isMissing(error)) return [];
      throw error;
    });
    for (const name of names) {
      const path = join(this.folder, name);
      const isLeft = name.startsWith(HOST) ? path === this.root || !isProcessAlive(Number(name.slice(HOST.length))) : await isStale(path);
      if (isLeft) await rm(path, { recursive: true, force: true });
    }
  }

  async close(): Promise<void> {
    for (const { calledOff } of this.flights.values()) calledOff.abort();
    await Promise.allSettled([...this.flights.values()].map(({ done }) => done));
    await rm(this.root, { recursive: true, force: true });
  }

  has(path: string): boolean {
    return this.entries.has(path);
  }

  /**
   * The segment, loaded unless it is here. However many ask for it at once, it is loaded once.
   * @param isCasual it would be good to have: what fails for one that asks so is tried again for one that needs it
   * @throws what `load` throws, the signal's reason, VD_MEDIA_ADDRESS_INVALID when this is not the path of a segment
   */
  async hold(path: string, signal: AbortSignal, load: SegmentLoader, isCasual = false): Promise<HeldSegment> {
    if (!isSegmentPath(path))
      throw mediaError('VD_MEDIA_ADDRESS_INVALID', `${JSON.stringify(path.slice(0, 200))} is not the path of a segment`);
    for (;;) {
      signal.throwIfAborted();
      const entry = this.entries.get(path);
      if (entry !== undefined) {
        const held = this.holdEntry(path, entry);
        if (await exists(join(this.root, ...path.split('/')))) return held;
        this.forget(path, entry); // somebody tidied up
        continue;
      }
      const flight = this.flights.get(path) ?? this.start(path, load, isCasual);
      try {
        await this.join(path, flight, signal);
      } catch (error) {
        if (signal.aborted || isCasual || !flight.isCasual) throw error;
      }
      // The one that has just come may have been evicted before its turn came here, by others that came with it.
    }
  }

  private holdEntry(path: string, entry: Entry): HeldSegment {
    this.entries.delete(path);
    this.entries.set(path, entry);
    entry.holders += 1;
    let isHeld = true;
    return {
      root: this.root,
      release: () => {
        if (!isHeld) return;
        isHeld = false;
        entry.holders -= 1;
        this.evict();
      },
    };
  }

  private async join(path: string, flight: Flight, signal: AbortSignal): Promise<void> {
    flight.waiting += 1;
    const left = Promise.withResolvers<never>();
    const leave = (): void => {
      flight.waiting -= 1;
      if (flight.waiting === 0) {
        if (this.flights.get(path) === flight) this.flights.delete(path);
        flight.calledOff.abort();
      }
      left.reject(signal.reason as Error);
    };
    signal.addEventListener('abort', leave, { once: true });
    try {
      await Promise.race([flight.done, left.promise]);
    } finally {
      signal.removeEventListener('abort', leave);
    }
  }

  private start(path: string, load: SegmentLoader, isCasual: boolean): Flight {
    const calledOff = new AbortController();
    const done = this.load(path, calledOff.signal, load).finally(() => {
      if (this.flights.get(path) === flight) this.flights.delete(path);
    });
    done.catch(() => undefined); // told to those who wait
    const flight: Flight = { calledOff, done, isCasual, waiting: 0 };
    this.flights.set(path, flight);
    return flight;
  }

  /** Under its own name stands a whole segment, or none. */
  private async load(path: string, signal: AbortSignal, load: SegmentLoader): Promise<void> {
    this.loads += 1;
    const unfinished = join(this.root, `${this.loads}.part`);
    const file = join(this.root, ...path.split('/'));
    try {
      await mkdir(this.root, { recursive: true });
      const sizeBytes = await load(unfinished, signal);
      signal.throwIfAborted();
      await intoPlace(unfinished, file);
      if (this.entries.has(path)) return; // another flight was faster, after this one had been left by all
      this.entries.set(path, { sizeBytes, holders: 0 });
      this.sizeBytes += sizeBytes;
      this.evict(path);
    } finally {
      await rm(unfinished, { force: true });
    }
  }

  private forget(path: string, entry: Entry): void {
    if (this.entries.get(path) !== entry) return;
    this.entries.delete(path);
    this.sizeBytes -= entry.sizeBytes;
  }

  /** At once, without waiting for the disk: between a file's going and its record's, it could be asked for again. */
  private evict(except?: string): void {
    for (const [path, entry] of this.entries) {
      if (this.sizeBytes <= this.maxBytes) return;
      if (entry.holders > 0 || path === except) continue;
      this.forget(path, entry);
      const file = join(this.root, ...path.split('/'));
      rmSync(file, { force: true });
      removeIfEmpty(dirname(file));
      removeIfEmpty(dirname(dirname(file)));
    }
  }
}

const exists = (file: string): Promise<boolean> =>
  access(file).then(
    () => true,
    () => false,
  );

/** A folder is changed by every segment that is fetched into it. */
const isStale = (folder: string): Promise<boolean> =>
  stat(folder).then(
    ({ mtimeMs }) => Date.now() - mtimeMs > STALE_MS,
    () => false,
  );

async function intoPlace(from: string, to: string): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    await mkdir(dirname(to), { recursive: true });
    try {
      return await rename(from, to);
    } catch (error) {
      // The last segment beside it went, and the folder with it.
      if (!isMissing(error) || attempt === 5) throw error;
    }
  }
}

function removeIfEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // It is not empty, or gone already.
  }
}
