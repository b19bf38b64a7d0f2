import type { Folders, TakenFiles } from 'vedette/plugin';
import type { FolderConfig } from './config.js';
import { isTaken, listedWindow, namedWindow, unnamedFiles, type SegmentWindow } from './segment-window.js';
import { findPlace, readPlaylist, type WriterPlace } from './writer-folder.js';

/** Without a playlist: what was written longer ago than this before the start is older. */
const OLDER_MS = 60_000;

/** What a writer shows of one stream, looked at again and again. */
export class WriterView {
  private place: WriterPlace | null = null;
  private text: string | undefined;
  private hasBegun = false;

  constructor(
    private readonly config: FolderConfig,
    private readonly folders: Folders,
    private readonly taken: TakenFiles,
    /** Wall clock of the start. */
    private readonly startedAtMs: number,
  ) {}

  /**
   * @param isUrgent look closely though the playlist is the same: something was left
   * @returns null where there is nothing yet, `same` where nothing has changed
   */
  async look(isUrgent: boolean): Promise<SegmentWindow | 'same' | null> {
    this.place ??= await findPlace(this.config, this.folders);
    if (this.place === null) return null;
    const { playlist } = this.place;
    if (playlist === undefined) return this.listed(this.place);
    const found = await readPlaylist(playlist, this.folders);
    if (found === null) {
      // It may come back elsewhere: nested where it was flat.
      [this.place, this.text] = [null, undefined];
      return null;
    }
    if (found.text === this.text && !isUrgent) return 'same';
    const window = await namedWindow(found, this.folders);
    this.text = found.text;
    return this.withUnnamed(window);
  }

  /** With what the playlist does not name any more, or never did while we looked. */
  private async withUnnamed(window: SegmentWindow): Promise<SegmentWindow> {
    const { taken, config } = this;
    const [first] = window.candidates;
    if (first === undefined) return window;
    const wantsOlder = !this.hasBegun && config.older === 'take' && taken.last === undefined;
    this.hasBegun = true;
    const isContinued = taken.last === undefined || window.candidates.some((candidate) => isTaken(candidate, taken));
    if (isContinued && !wantsOlder) return window;
    return { ...window, candidates: [...(await unnamedFiles({ before: first, behind: taken.last })), ...window.candidates] };
  }

  /** Those that were written since the newest that was taken, or shortly before the start. */
  private async listed(place: WriterPlace): Promise<SegmentWindow> {
    const { candidates, ...window } = await listedWindow(place, this.config);
    // Its writer may begin to write a playlist.
    if (this.config.layout === 'auto') this.place = null;
    const oldestMs = this.taken.last?.mtimeMs ?? (this.config.older === 'take' ? 0 : this.startedAtMs - OLDER_MS);
    return { ...window, candidates: candidates.filter(({ facts }) => facts !== null && facts.mtimeMs >= oldestMs) };
  }
}
