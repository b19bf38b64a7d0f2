import { OnnxGraph, type OnnxElementType, type OnnxValue } from '../../../src/core/plugin-testing/index.js';

/** Input pictures of the graphs: small, but with a cell or more on each of a detector's three levels: 84 in all. */
export const SIDE_PX = 64;
export const CELLS = 84;

export interface PictureShape {
  readonly batch?: number | 'batch' | 'none';
  readonly order?: 'planes' | 'interleaved';
  readonly type?: OnnxElementType;
  readonly widthPx?: number;
  readonly heightPx?: number;
  readonly name?: string;
}

/**
 * A graph that looks at one thing only: the mean of each channel of each picture. What it says of a box is its weights, what it
 * scores is those means, so that every number can be computed by hand and depends on the pixels all the same.
 */
export class ColourGraph extends OnnxGraph {
  private readonly batch: number | 'batch' | 'none';
  /** [batch, 3]: the means of the channels, as fed. */
  readonly means: string;

  constructor({
    batch = 'batch',
    order = 'planes',
    type = 'float32',
    widthPx = SIDE_PX,
    heightPx = SIDE_PX,
    name = 'images',
  }: PictureShape = {}) {
    super();
    this.batch = batch;
    const dims = order === 'planes' ? [3, heightPx, widthPx] : [heightPx, widthPx, 3];
    const images = this.input(name, batch === 'none' ? dims : [batch, ...dims], type);
    const batched = batch === 'none' ? this.op('Unsqueeze', [images, this.integers([0])]) : images;
    const numbers = type === 'float32' ? batched : this.op('Cast', [batched], { to: 1 });
    this.means = this.op('ReduceMean', [numbers], { axes: order === 'planes' ? [2, 3] : [1, 2], keepdims: 0 });
  }

  /** The same per picture, in 0..1, for graphs that are fed bytes or levels. */
  unitMeans(): string {
    return this.op('Div', [this.means, this.floats([255], [])]);
  }

  /**
   * A value of the given shape per picture: what `rows` says at each place. A number is that number; 'c0', 'c1' and 'c2' are the
   * means of the first, second and third channel.
   */
  value(shape: readonly number[], cells: readonly Cell[], means = this.means): string {
    const base = new Float32Array(cells.length);
    const mix = new Float32Array(3 * cells.length);
    cells.forEach((cell, at) => {
      if (typeof cell === 'number') base[at] = cell;
      else mix[Number(cell[1]) * cells.length + at] = 1;
    });
    const mixed = this.op('MatMul', [means, this.constant([3, cells.length], mix)]);
    const sum = this.op('Add', [mixed, this.constant([1, cells.length], base)]);
    return this.op('Reshape', [sum, this.integers([-1, ...shape])]);
  }

  /** An output with the batch in front. */
  give(name: string, shape: readonly number[], cells: readonly Cell[], means = this.means): void {
    this.output(name, this.value(shape, cells, means), this.outer(shape));
  }
  giveIntegers(name: string, shape: readonly number[], cells: readonly Cell[], type: 'int64' | 'int32' = 'int64'): void {
    this.output(name, this.op('Cast', [this.value(shape, cells)], { to: type === 'int64' ? 7 : 6 }), this.outer(shape), type);
  }
  private outer(shape: readonly number[]): OnnxValue['dims'] {
    return [this.batch === 'none' ? 1 : this.batch, ...shape];
  }
}

export type Cell = number | 'c0' | 'c1' | 'c2';

/** `count` rows of `fields`: those given, at their places, and zeros. */
export function rows(count: number, fields: number, given: Readonly<Record<number, readonly Cell[]>>): Cell[] {
  return Array.from({ length: count }, (_, i) => given[i] ?? new Array<Cell>(fields).fill(0)).flat();
}

/** The same, field by field. */
export function columns(count: number, fields: number, given: Readonly<Record<number, readonly Cell[]>>): Cell[] {
  return Array.from({ length: fields }, (_, field) => Array.from({ length: count }, (__, i) => given[i]?.[field] ?? 0)).flat();
}
