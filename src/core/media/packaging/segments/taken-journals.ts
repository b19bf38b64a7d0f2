import { TakenJournal } from './taken-journal.js';

/** The journals of a media folder, each read once. */
export class TakenJournals {
  private readonly journals = new Map<string, Promise<TakenJournal>>();

  constructor(
    private readonly mediaDir: string,
    private readonly isSynced: boolean,
  ) {}

  of(streamId: string): Promise<TakenJournal> {
    const known = this.journals.get(streamId);
    if (known !== undefined) return known;
    const loading = TakenJournal.load(this.mediaDir, streamId, this.isSynced);
    this.journals.set(streamId, loading);
    loading.catch(() => this.journals.delete(streamId));
    return loading;
  }

  /** Forgets all streams but these. */
  async sweep(streamIds: ReadonlySet<string>): Promise<void> {
    for (const streamId of this.journals.keys()) if (!streamIds.has(streamId)) this.journals.delete(streamId);
    await TakenJournal.sweep(this.mediaDir, streamIds);
  }
}
