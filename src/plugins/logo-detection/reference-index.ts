import { errorText, type Logger, type ReferenceImage, type ReferenceSet } from 'vedette/plugin';
import { AlignmentTemplate } from './alignment.js';
import { KernelMaker, SLANTS, type Kernel } from './kernel-bank.js';
import { pooledBatches, type PooledBatch } from './kernel-batches.js';
import type { LogoNet } from './logo-net.js';
import { RectifiedView } from './rectified-view.js';
import { rastersOf, type ReferenceRaster } from './reference-raster.js';

const COARSE_SIDE_PX = 20;
const FINE_SIDE_PX = 40;

/** One look of one reference, ready to be searched for. */
export interface Look {
  /** Names it across processes. */
  readonly key: string;
  readonly subjectId: string;
  readonly referenceId: string;
  readonly label: string;
  readonly widthPx: number;
  readonly heightPx: number;
  /** One per slant, the first the reference as it is. */
  readonly kernels: readonly Kernel[];
  readonly coarse: AlignmentTemplate;
  readonly fine: AlignmentTemplate;
  readonly headOn: RectifiedView;
}

/** Everything that is looked for. */
export interface ReferenceIndex {
  readonly looks: readonly Look[];
  readonly byKey: ReadonlyMap<string, Look>;
  readonly batches: readonly PooledBatch[];
}

export const EMPTY_INDEX: ReferenceIndex = { looks: [], byKey: new Map(), batches: [] };

/** Makes the index of a set; looks of images that have not changed are kept. */
export class ReferenceIndexer {
  private kept = new Map<string, readonly Look[]>();

  constructor(
    private readonly net: LogoNet,
    private readonly logger: Logger,
    private readonly maxLooks: number,
  ) {}

  async index({ images, revision }: ReferenceSet): Promise<ReferenceIndex> {
    const kept = new Map<string, readonly Look[]>();
    const looks: Look[] = [];
    for (const [i, image] of images.entries()) {
      const made = await this.looks(image);
      if (looks.length + made.length > this.maxLooks) {
        this.logger.warn('Too many reference images: the rest is not looked for', {
          used: i,
          given: images.length,
          maxReferences: this.maxLooks,
          revision,
        });
        break;
      }
      kept.set(keyOf(image), made);
      looks.push(...made);
    }
    this.kept = kept;
    if (looks.length === 0) return EMPTY_INDEX;
    return {
      looks,
      byKey: new Map(looks.map((look) => [look.key, look])),
      batches: pooledBatches(looks.map(({ kernels }) => kernels[0]!)),
    };
  }

  private async looks(image: ReferenceImage): Promise<readonly Look[]> {
    const known = this.kept.get(keyOf(image));
    if (known !== undefined) return known;
    try {
      const rasters = rastersOf(image);
      if (typeof rasters !== 'string') return await Promise.all(rasters.map((raster, i) => this.look(image, raster, i)));
      this.logger.warn('A reference image is not looked for', { reason: rasters, referenceId: image.id, label: image.label });
    } catch (error) {
      this.logger.warn('A reference image is not looked for', {
        reason: errorText(error),
        referenceId: image.id,
        label: image.label,
      });
    }
    return [];
  }

  private async look({ id, subjectId, label }: ReferenceImage, raster: ReferenceRaster, ordinal: number): Promise<Look> {
    const maker = new KernelMaker(this.net);
    const kernels: Kernel[] = [];
    for (const slant of SLANTS) kernels.push(await maker.kernel(raster, slant));
    return {
      key: `${id}#${ordinal}`,
      subjectId,
      referenceId: id,
      label,
      widthPx: raster.widthPx,
      heightPx: raster.heightPx,
      kernels,
      coarse: new AlignmentTemplate(raster, COARSE_SIDE_PX),
      fine: new AlignmentTemplate(raster, FINE_SIDE_PX),
      headOn: await RectifiedView.of(raster, this.net),
    };
  }
}

/** Ids are never used again for other pixels, but a set may come from a test or an import: the size is part of it. */
const keyOf = ({ id, subjectId, label, widthPx, heightPx, hasAlpha }: ReferenceImage): string =>
  JSON.stringify([id, subjectId, label, widthPx, heightPx, hasAlpha]);
