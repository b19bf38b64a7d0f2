import { appendFile, mkdir, open, readFile, readdir, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { isMissing } from '../../epoch-folder.js';
import { writeWholeFile, type TakenFile, type TakenFiles } from '../../../plugin-api/index.js';

/** Of the media folder: a file for each stream whose segments another program writes. */
const FOLDER = '.taken';
/** What is older is told by where the newest stands. */
const KEPT = 256;
const DRAFT = /\.draft$/;

const lineSchema = z.tuple([
  z.string().min(1),
  z.number().nonnegative(),
  z.number(),
  z.number().nonnegative().nullable(),
  z.string().min(1),
  z.number(),
]);

/** One file of another program's, and where it went. */
export interface TakenEntry extends TakenFile {
  /** `<epoch>/<file>` */
  readonly place: string;
  /** Wall clock of its end, by its epoch's clock. */
  readonly endsAtMs: number;
}

/**
 * What was taken of the files of one stream. An entry is written before its file gets its place in the epoch's folder, so that after any
 * death the last entry counts if that place is filled, and nothing is taken twice or left out. All others have theirs, or had.
 */
export class TakenJournal implements TakenFiles {
  private readonly known = new Map<string, TakenEntry>();
  private newest: TakenEntry | undefined;
  private lines = 0;

  private constructor(
    private readonly path: string,
    private readonly isSynced: boolean,
  ) {}

  static async load(mediaDir: string, streamId: string, isSynced: boolean): Promise<TakenJournal> {
    const journal = new TakenJournal(journalPath(mediaDir, streamId), isSynced);
    const entries = (await textOf(journal.path)).split('\n').flatMap(entryOf);
    const last = entries.at(-1);
    if (last !== undefined && !(await isThere(join(mediaDir, streamId, last.place)))) entries.pop();
    for (const entry of entries.slice(-KEPT)) journal.remember(entry);
    await mkdir(dirname(journal.path), { recursive: true });
    await journal.writeAnew();
    return journal;
  }

  /** Forgets everything of streams that are not there any more. */
  static async sweep(mediaDir: string, streamIds: ReadonlySet<string>): Promise<void> {
    const names = await readdir(join(mediaDir, FOLDER)).catch((error: unknown) => {
      if (isMissing(error)) return [];
      throw error;
    });
    for (const name of names) if (!streamIds.has(name.replace(DRAFT, ''))) await rm(join(mediaDir, FOLDER, name), { force: true });
  }

  /** On the disk of the media folder: where a copy of the stream's grows until it is whole. */
  get draftPath(): string {
    return `${this.path}.draft`;
  }

  get last(): TakenFile | undefined {
    return this.newest;
  }

  /** Wall clock of the end of all that was taken. */
  get endsAtMs(): number | undefined {
    return this.newest?.endsAtMs;
  }

  has(file: TakenFile): boolean {
    return this.known.has(keyOf(file));
  }

  /** To be called before the file gets its place; followed by {@link takeBack} where it does not get it. */
  async add(entry: TakenEntry): Promise<void> {
    // A line that a dying process left unfinished ends here.
    const line = `\n${JSON.stringify([entry.name, entry.sizeBytes, entry.mtimeMs, entry.number ?? null, entry.place, entry.endsAtMs])}`;
    await appendFile(this.path, `${line}\n`);
    if (this.isSynced) await synced(this.path);
    this.remember(entry);
    if (++this.lines > 2 * KEPT) await this.writeAnew();
  }

  /** It did not get its place. A later start sees that by itself, if nothing was taken since. */
  takeBack(entry: TakenEntry): void {
    this.known.delete(keyOf(entry));
    this.newest = [...this.known.values()].at(-1);
  }

  private remember(entry: TakenEntry): void {
    const key = keyOf(entry);
    this.known.delete(key);
    this.known.set(key, entry);
    this.newest = entry;
    if (this.known.size > KEPT) this.known.delete(this.known.keys().next().value!);
  }

  private async writeAnew(): Promise<void> {
    const lines = [...this.known.values()].map(({ name, sizeBytes, mtimeMs, number, place, endsAtMs }) =>
      JSON.stringify([name, sizeBytes, mtimeMs, number ?? null, place, endsAtMs]),
    );
    await writeWholeFile(this.path, lines.map((line) => `${line}\n`).join(''));
    this.lines = lines.length;
  }
}

const journalPath = (mediaDir: string, streamId: string): string => join(mediaDir, FOLDER, streamId);

const keyOf = ({ name, sizeBytes, mtimeMs }: TakenFile): string => `${sizeBytes} ${mtimeMs} ${name}`;

function entryOf(line: string): TakenEntry[] {
  if (line === '') return [];
  try {
    const [name, sizeBytes, mtimeMs, number, place, endsAtMs] = lineSchema.parse(JSON.parse(line));
    return [{ name, sizeBytes, mtimeMs, ...(number !== null && { number }), place, endsAtMs }];
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof z.ZodError) return []; // cut off by a death
    throw error;
  }
}

async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (isMissing(error)) return '';
    throw error;
  }
}

async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    (error: unknown) => {
      if (isMissing(error)) return false;
      throw error;
    },
  );
}

async function synced(path: string): Promise<void> {
  const file = await open(path, 'r');
  await file.datasync().finally(() => file.close());
}
