import type { Model, Models, Tensor } from 'vedette/plugin';
import { logoError } from './errors.js';

/** Pixels of the picture per cell of features. */
export const CELL_PX = 4;
/** Cells per pooled cell, each way. */
export const POOL = 2;
/** Places per kernel and scale that a search gives. */
export const PEAKS = 3;
/** Sides of a picture for the network are multiples of this. */
export const PICTURE_STEP_PX = 8;

/** Unit vectors, channel by channel: `data[(channel * rows + row) * columns + column]`. */
export interface Features {
  readonly data: Float32Array;
  readonly depth: number;
  readonly rows: number;
  readonly columns: number;
}

export interface AttentiveFeatures extends Features {
  /** How much each cell tells, before normalising. */
  readonly attention: Float32Array;
  /** Pooled 2x2, unit vectors again. */
  readonly pooled: Features;
}

/** The highest places of each kernel's correlation map, {@link PEAKS} each, the highest first. */
export interface Peaks {
  readonly scores: Float32Array;
  /** Row * {@link columns} + column, in pooled cells. */
  readonly places: Float32Array;
  readonly columns: number;
}

/** Pooled kernels as sums of shared ones, over fewer channels. */
export interface KernelBatch {
  readonly count: number;
  readonly rows: number;
  readonly columns: number;
  readonly channels: number;
  /** `[channels, depth]`: what is left of a cell's vector. */
  readonly projection: Float32Array;
  /** `[shared, channels, rows, columns]`. */
  readonly shared: Float32Array;
  /** `[count, shared]`: how much of each shared kernel a kernel is made of. */
  readonly mix: Float32Array;
}

interface Graphs {
  readonly features: Model;
  readonly correlation: Model;
}

/** The two graphs that `scripts/build-logo-model.mjs` writes. Open only while there is something to look for: most have no brands. */
export class LogoNet {
  private graphs: Graphs | undefined;

  constructor(
    private readonly models: Models,
    private readonly featuresPath: string,
    private readonly correlationPath: string,
  ) {}

  /** Does nothing when it is open. @throws VD_MODEL_* */
  async open(): Promise<void> {
    if (this.graphs !== undefined) return;
    const features = await this.models.open(this.featuresPath);
    try {
      this.graphs = { features, correlation: await this.models.open(this.correlationPath) };
    } catch (error) {
      await features.dispose();
      throw error;
    }
  }

  /** @param picture values 0..1; sides are multiples of {@link PICTURE_STEP_PX} */
  async features(picture: Float32Array, width: number, height: number): Promise<AttentiveFeatures> {
    const out = await this.opened().features.run({ picture: { type: 'float32', dims: [1, 1, height, width], data: picture } });
    const [features, pooled] = [floats(out['features'], 'features'), floats(out['pooled'], 'pooled')];
    return { ...featuresOf(features), attention: floats(out['attention'], 'attention').data, pooled: featuresOf(pooled) };
  }

  /** @param pooled at least {@link PEAKS} places larger than the kernels */
  async correlate(pooled: Features, { count, rows, columns, channels, projection, shared, mix }: KernelBatch): Promise<Peaks> {
    const { depth } = pooled;
    const sharedCount = mix.length / count;
    const out = await this.opened().correlation.run({
      pooled: { type: 'float32', dims: [1, depth, pooled.rows, pooled.columns], data: pooled.data },
      projection: { type: 'float32', dims: [channels, depth, 1, 1], data: projection },
      shared: { type: 'float32', dims: [sharedCount, channels, rows, columns], data: shared },
      mix: { type: 'float32', dims: [count, sharedCount, 1, 1], data: mix },
    });
    return {
      scores: floats(out['scores'], 'scores').data,
      places: floats(out['places'], 'places').data,
      columns: pooled.columns - columns + 1,
    };
  }

  /** It may be opened again. Nothing may be under way. */
  async close(): Promise<void> {
    const { graphs } = this;
    this.graphs = undefined;
    await graphs?.features.dispose();
    await graphs?.correlation.dispose();
  }

  private opened(): Graphs {
    if (this.graphs === undefined) throw new Error('the logo network is asked before it is opened');
    return this.graphs;
  }
}

const featuresOf = ({ data, dims: [, depth = 0, rows = 0, columns = 0] }: FloatTensor): Features => ({ data, depth, rows, columns });

type FloatTensor = Tensor & { readonly data: Float32Array };

function floats(tensor: Tensor | undefined, name: string): FloatTensor {
  if (!(tensor?.data instanceof Float32Array) || tensor.dims.length !== 4)
    throw logoError('VD_LOGO_UNFIT_NETWORK', `the logo network gives no float32 output ${JSON.stringify(name)} of four dimensions`);
  return tensor as FloatTensor;
}
