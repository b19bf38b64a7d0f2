import { computed, signal } from '@angular/core';
import type { ApiClient } from '../../api/api-client';
import type { WallTileWire } from '../../api/models';
import type { PageClock } from '../../core/page-clock';
import { Polling } from '../../core/polling';

/** How often the wall asks what is new; one question for all of it. */
const ASK_EVERY_MS = 2_000;
/** A tile changes its picture so seldom at least, and seldomer the more tiles are in sight. */
const LEAST_MS = 1_900;
const PER_TILE_MS = 330;

export interface ShownPicture {
  readonly url: string;
  readonly atMs: number;
}

/** The newest of every stream. Pictures are fetched of tiles in sight alone. */
export class WallState {
  private readonly polling: Polling<ReadonlyMap<string, WallTileWire>>;
  private readonly pictures = signal<ReadonlyMap<string, ShownPicture>>(new Map());
  private readonly changedAtMs = new Map<string, number>();
  private readonly inSight = new Set<string>();
  private stop: (() => void) | null = null;

  readonly tiles = computed(() => this.polling.value() ?? new Map<string, WallTileWire>());
  readonly problem = computed(() => this.polling.problem());
  readonly answeredAtMs = computed(() => this.polling.answeredAtMs());

  constructor(
    private readonly api: Pick<ApiClient, 'wall'>,
    private readonly clock: PageClock,
  ) {
    this.polling = new Polling(
      async () => new Map((await this.api.wall()).map((tile) => [tile.streamId, tile])),
      () => this.clock.now(),
    );
  }

  /** Asks again and again while the page is on show. @returns what ends it */
  watch(): () => void {
    const ask = (): void => void this.load();
    ask();
    const stop = this.clock.every(ASK_EVERY_MS, ask);
    this.stop = stop;
    return () => {
      stop();
      if (this.stop === stop) this.stop = null;
      this.inSight.clear();
    };
  }

  async load(): Promise<void> {
    await this.polling.load();
    this.refresh();
  }

  pictureOf(streamId: string): ShownPicture | null {
    return this.pictures().get(streamId) ?? null;
  }

  setInSight(streamId: string, isInSight: boolean): void {
    if (isInSight) this.inSight.add(streamId);
    else this.inSight.delete(streamId);
    this.refresh();
  }

  /** Gives each tile in sight its newest picture, if its turn has come. */
  private refresh(): void {
    const now = this.clock.now();
    const everyMs = Math.max(LEAST_MS, this.inSight.size * PER_TILE_MS);
    const due = [...this.inSight].filter((id) => {
      const newest = this.tiles().get(id)?.picture ?? null;
      return newest !== null && newest.url !== this.pictures().get(id)?.url && now - (this.changedAtMs.get(id) ?? -Infinity) >= everyMs;
    });
    if (due.length === 0) return;
    const pictures = new Map(this.pictures());
    for (const id of due) {
      const { url, at } = this.tiles().get(id)!.picture!;
      pictures.set(id, { url, atMs: Date.parse(at) });
      this.changedAtMs.set(id, now);
    }
    this.pictures.set(pictures);
  }
}
