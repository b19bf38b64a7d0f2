import { computed, signal } from '@angular/core';
import type { ApiClient } from '../../api/api-client';
import { ApiError, problemFrom } from '../../api/problem';
import type { BrandIconWire, BrandSightingWire, BrandWire, ProblemWire, ReferenceWire } from '../../api/models';
import type { Notices } from '../../core/notices';

/** An image that the server would not take, with what is needed to offer it again. */
export interface RefusedImage {
  readonly brandId: string;
  readonly image: File;
  readonly problem: ProblemWire;
  /** It was only found too much like another brand's: the user may know better. */
  readonly mayInsist: boolean;
}

/** The server refuses larger ones; said here before anything is sent. */
const MAX_IMAGE_BYTES = 5_000_000;
export const IMAGE_TYPES = 'image/png,image/jpeg,image/svg+xml,image/webp';

/** The brands that are looked for, and everything that can be done to them. */
export class BrandsState {
  private readonly byId = signal<ReadonlyMap<string, BrandWire>>(new Map());
  readonly loaded = signal(false);
  readonly problem = signal<ProblemWire | null>(null);
  readonly list = computed(() => [...this.byId().values()].sort((a, b) => a.name.localeCompare(b.name)));
  /** When each was last seen, by brand; those that never were are not in it. */
  readonly sightings = signal<ReadonlyMap<string, BrandSightingWire>>(new Map());
  readonly refused = signal<readonly RefusedImage[]>([]);
  /** Images on their way, by brand. */
  readonly sending = signal<ReadonlyMap<string, number>>(new Map());

  constructor(
    private readonly api: ApiClient,
    private readonly notices: Notices,
    private readonly words: { removed(name: string): string; imageRemoved(name: string): string },
  ) {}

  async load(): Promise<void> {
    try {
      const brands = await this.api.brands();
      this.byId.set(new Map(brands.map((brand) => [brand.id, brand])));
      this.loaded.set(true);
      this.problem.set(null);
    } catch (error) {
      this.problem.set(problemFrom(error));
    }
  }

  /** Beside the list: without it the brands are there all the same. */
  async loadSightings(): Promise<void> {
    const sightings = await this.api.brandSightings().catch(() => null);
    if (sightings !== null) this.sightings.set(new Map(sightings.map((sighting) => [sighting.brandId, sighting])));
  }

  icons(query: string): Promise<BrandIconWire[]> {
    return this.api.brandIcons(query);
  }

  /** @throws ApiError: the dialog says why */
  async create(body: { name?: string; icon?: string }, images: readonly File[] = []): Promise<void> {
    const brand = await this.api.createBrand(body);
    this.put(brand);
    await this.addImages(brand.id, images);
  }

  /** Sends them one after the other; each that is refused is kept with the reason. */
  async addImages(brandId: string, images: readonly File[], allowDuplicate = false): Promise<void> {
    this.refused.update((list) => list.filter((one) => one.brandId !== brandId || !images.includes(one.image)));
    for (const image of images) {
      this.count(brandId, 1);
      try {
        if (image.size > MAX_IMAGE_BYTES) throw new ApiError(tooLarge(image));
        const variant = variantOf(image.name);
        await this.api.addReference(brandId, image, { variant, ...(allowDuplicate ? { allowDuplicate: 'true' } : {}) });
        this.put(await this.api.brand(brandId));
      } catch (error) {
        const problem = problemFrom(error);
        this.refused.update((list) => [...list, { brandId, image, problem, mayInsist: problem.code === 'VD_BRAND_IMAGE_DUPLICATE' }]);
      } finally {
        this.count(brandId, -1);
      }
    }
  }

  dismiss(refused: RefusedImage): void {
    this.refused.update((list) => list.filter((one) => one !== refused));
  }

  async setEnabled(brand: BrandWire, enabled: boolean): Promise<void> {
    await this.told(async () => this.put(await this.api.updateBrand(brand.id, { enabled })));
  }

  /** @throws ApiError: the dialog says why */
  async rename(brand: BrandWire, name: string): Promise<void> {
    this.put(await this.api.updateBrand(brand.id, { name }));
  }

  async remove(brand: BrandWire): Promise<void> {
    await this.told(async () => {
      await this.api.removeBrand(brand.id);
      this.byId.update((map) => new Map([...map].filter(([id]) => id !== brand.id)));
      this.notices.removed(
        this.words.removed(brand.name),
        () => void this.told(async () => this.put(await this.api.restoreBrand(brand.id))),
      );
    });
  }

  async removeImage(brand: BrandWire, reference: ReferenceWire): Promise<void> {
    await this.told(async () => {
      await this.api.removeReference(brand.id, reference.id);
      this.put({ ...brand, references: brand.references.filter(({ id }) => id !== reference.id) });
      this.notices.removed(
        this.words.imageRemoved(brand.name),
        () =>
          void this.told(async () => {
            await this.api.restoreReference(brand.id, reference.id);
            this.put(await this.api.brand(brand.id));
          }),
      );
    });
  }

  private put(brand: BrandWire): void {
    this.byId.update((map) => new Map(map).set(brand.id, brand));
  }

  private count(brandId: string, change: number): void {
    this.sending.update((map) => new Map(map).set(brandId, (map.get(brandId) ?? 0) + change));
  }

  private async told(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.notices.problem(error);
    }
  }
}

/** `acme-white.png` is the variant `acme-white`. */
function variantOf(fileName: string): string {
  const stem = fileName
    .replace(/\.[a-z0-9]+$/i, '')
    .replace(/\p{Cc}/gu, '')
    .trim();
  return stem === '' ? 'default' : stem.slice(0, 60);
}

const tooLarge = (image: File): ProblemWire => ({
  type: 'about:blank',
  title: 'The image is too large',
  detail: `${image.name} has ${(image.size / 1e6).toFixed(1)} MB; at most 5 MB are taken.`,
  code: 'VD_BRAND_IMAGE_TOO_LARGE',
  status: 413,
  fix: 'Save it smaller: 512 pixels on its longer side are enough.',
});
