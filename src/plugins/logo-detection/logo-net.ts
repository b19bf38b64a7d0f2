import type { Model, Models, Tensor } from 'vedette/plugin';
import { logoError } from './errors.js';

/** Pixels of the picture per cell of features. */
export const CELL_PX = 4;
/** Cells per pooled cell, each way. */
export const POOL = 2;
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
}

/** Correlation maps, one per kernel. */
export interface ScoreMaps {
  readonly data: Float32Array;
  readonly rows: number;
  readonly columns: number;
}

export interface KernelBatch {
  readonly data: Float32Array;
  readonly count: number;
  readonly rows: number;
  readonly columns: number;
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
    const features = floats(out['features'], 'features');
    const [, depth = 0, rows = 0, columns = 0] = features.dims;
    return { data: features.data, depth, rows, columns, attention: floats(out['attention'], 'attention').data };
  }

  async correlate({ data, depth, rows, columns }: Features, kernels: KernelBatch): Promise<ScoreMaps> {
    const out = await this.opened().correlation.run({
      features: { type: 'float32', dims: [1, depth, rows, columns], data },
      kernels: { type: 'float32', dims: [kernels.count, depth, kernels.rows, kernels.columns], data: kernels.data },
    });
    const scores = floats(out['scores'], 'scores');
    const [, , scoreRows = 0, scoreColumns = 0] = scores.dims;
    return { data: scores.data, rows: scoreRows, columns: scoreColumns };
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

function floats(tensor: Tensor | undefined, name: string): Tensor & { readonly data: Float32Array } {
  if (!(tensor?.data instanceof Float32Array) || tensor.dims.length !== 4)
    throw logoError('VD_LOGO_UNFIT_NETWORK', `the logo network gives no float32 output ${JSON.stringify(name)} of four dimensions`);
  return tensor as Tensor & { readonly data: Float32Array };
}
