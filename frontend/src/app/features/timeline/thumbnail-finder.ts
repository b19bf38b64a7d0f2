import type { ThumbnailsWire, ThumbnailWire } from '../../api/models';

const QUARTER_MS = 900_000;
const QUARTERS_KEPT = 48;
/** What was listed of a quarter that is not over yet holds for so long. */
const FRESH_MS = 20_000;
/** A picture that far from the moment is not of it. */
const FURTHEST_MS = 60_000;

export interface ThumbnailSource {
  thumbnails(streamId: string, query: { from: string; to: string }): Promise<ThumbnailsWire>;
}

/** Small pictures by moment: listed by the quarter of an hour when somebody points there, and kept. */
export class ThumbnailFinder {
  private readonly quarters = new Map<number, { readonly items: Promise<readonly ThumbnailWire[]>; readonly askedAtMs: number }>();

  constructor(
    private readonly streamId: string,
    private readonly source: ThumbnailSource,
    private readonly nowMs: () => number,
  ) {}

  /** The picture nearest to a moment; null where nothing is recorded, or it cannot be asked for. */
  async at(atMs: number): Promise<ThumbnailWire | null> {
    const items = await this.quarter(Math.floor(atMs / QUARTER_MS)).catch(() => []);
    let nearest: ThumbnailWire | null = null;
    let least = FURTHEST_MS;
    for (const item of items) {
      const distance = Math.abs(Date.parse(item.at) - atMs);
      if (distance <= least) [nearest, least] = [item, distance];
    }
    return nearest;
  }

  private quarter(quarter: number): Promise<readonly ThumbnailWire[]> {
    const now = this.nowMs();
    const kept = this.quarters.get(quarter);
    const endMs = (quarter + 1) * QUARTER_MS;
    if (kept && (endMs < kept.askedAtMs || now - kept.askedAtMs < FRESH_MS)) return kept.items;
    const items = this.source
      .thumbnails(this.streamId, { from: new Date(quarter * QUARTER_MS).toISOString(), to: new Date(endMs - 1).toISOString() })
      .then((answer) => answer.items);
    items.catch(() => this.quarters.delete(quarter));
    this.quarters.delete(quarter);
    this.quarters.set(quarter, { items, askedAtMs: now });
    while (this.quarters.size > QUARTERS_KEPT) this.quarters.delete(this.quarters.keys().next().value!);
    return items;
  }
}
