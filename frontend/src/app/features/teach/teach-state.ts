import { computed, signal } from '@angular/core';
import type { ApiClient } from '../../api/api-client';
import type { BackfillWire, BrandWire, ReferenceWire } from '../../api/models';
import { Doing } from '../../core/doing';
import type { PageClock } from '../../core/page-clock';
import { WatchedJob } from '../../core/watched-job';

/** x and y, 0..1 of the picture. */
type Corner = readonly [number, number];

/** The frame in which a logo is shown to the machine. */
export interface TaughtFrame {
  readonly streamId: string;
  readonly epochId: string;
  readonly ptsUs: number;
}

export type TeachApi = Pick<ApiClient, 'brands' | 'createBrand' | 'addReferenceFromFrame' | 'findBrand' | 'backfill'>;

/** Less is not a logo, but a slip of the hand. */
const LEAST_SIDE = 0.01;

/** Teaching a logo: a box in a frame becomes an image of a brand, which is then looked for in the past. */
export class TeachState {
  readonly isOn = signal(false);
  /** Two corners across from each other. */
  readonly corners = signal<readonly Corner[]>([]);
  readonly brands = signal<readonly BrandWire[]>([]);
  /** Id of a brand; empty: a new one. */
  readonly brandId = signal('');
  readonly newTitle = signal('');
  readonly taught = signal<{ readonly brand: BrandWire; readonly reference: ReferenceWire } | null>(null);
  private readonly doing = new Doing();
  readonly problem = this.doing.problem;
  readonly isBusy = this.doing.busy;
  readonly search: WatchedJob<BackfillWire>;
  readonly box = computed(() => {
    const [a, b] = this.corners();
    if (!a || !b) return null;
    const box = { x: Math.min(a[0], b[0]), y: Math.min(a[1], b[1]), width: Math.abs(a[0] - b[0]), height: Math.abs(a[1] - b[1]) };
    return box.width >= LEAST_SIDE && box.height >= LEAST_SIDE ? box : null;
  });
  readonly canTeach = computed(() => this.box() !== null && (this.brandId() !== '' || this.newTitle().trim() !== ''));

  constructor(
    private readonly api: TeachApi,
    clock: Pick<PageClock, 'every'>,
    onFound: () => void,
  ) {
    this.search = new WatchedJob((id) => this.api.backfill(id), clock, onFound);
  }

  begin(): Promise<void> {
    this.leave();
    this.isOn.set(true);
    return this.work(async () => this.brands.set(await this.api.brands()));
  }

  leave(): void {
    this.isOn.set(false);
    this.corners.set([]);
    this.taught.set(null);
    this.problem.set(null);
    this.search.leave();
  }

  teach({ streamId, epochId, ptsUs }: TaughtFrame): Promise<void> {
    return this.work(async () => {
      const box = this.box();
      if (box === null) return;
      const known = this.brands().find(({ id }) => id === this.brandId());
      const brand = known ?? (await this.api.createBrand({ name: this.newTitle().trim() }));
      // Made, whatever becomes of the image: a second try is not to make a second one.
      if (known === undefined) this.brands.update((brands) => [...brands, brand]);
      this.brandId.set(brand.id);
      const reference = await this.api.addReferenceFromFrame(brand.id, { streamId, epochId, ptsUs, box });
      this.taught.set({ brand, reference });
      this.corners.set([]);
    });
  }

  /** Looks for the brand in what was recorded of a stream. */
  find(streamId: string, fromMs: number, toMs: number): Promise<void> {
    return this.work(async () => {
      const taught = this.taught();
      if (taught === null) return;
      const [from, to] = [fromMs, toMs].map((ms) => new Date(Math.floor(ms)).toISOString()) as [string, string];
      this.search.watch(await this.api.findBrand(taught.brand.id, { streamIds: [streamId], from, to, applies: true }));
    });
  }

  private async work(run: () => Promise<void>): Promise<void> {
    await this.doing.run(run);
  }
}
