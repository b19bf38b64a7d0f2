import type { Kernel } from './kernel-bank.js';
import { POOL, type KernelBatch } from './logo-net.js';
import { principalDirections, sharesOf } from './principal-directions.js';

/** Channels that are left of a cell's for the coarse search, and kernels that are shared by all of a batch. */
const CHANNELS = 12;
const SHARED_KERNELS = 48;

/** A batch of pooled kernels of about one shape, and whose they are. */
export interface PooledBatch extends KernelBatch {
  readonly members: readonly number[];
}

/**
 * Pools kernels 2x2, puts those of like shape together, so that little is multiplied by zero, and makes them up of shared ones:
 * one more reference then costs a sum of a few dozen maps, and no correlation of its own.
 */
export function pooledBatches(kernels: readonly Kernel[]): PooledBatch[] {
  const groups = new Map<string, number[]>();
  kernels.forEach(({ rows, columns }, i) => {
    const shape = columns > 2.6 * rows ? 'wide' : columns > 1.35 * rows ? 'broad' : columns * 1.35 < rows ? 'tall' : 'square';
    groups.set(shape, [...(groups.get(shape) ?? []), i]);
  });
  return [...groups.values()].map((members) => batchOf(kernels, members));
}

function batchOf(kernels: readonly Kernel[], members: readonly number[]): PooledBatch {
  const rows = Math.max(...members.map((i) => kernels[i]!.rows)) / POOL;
  const columns = Math.max(...members.map((i) => kernels[i]!.columns)) / POOL;
  const { depth } = kernels[members[0]!]!;
  const cells = rows * columns;
  // Cell by cell, so that channels are rows to be looked at.
  const pooled = new Float32Array(members.length * cells * depth);
  members.forEach((index, n) => {
    const kernel = kernels[index]!;
    for (let y = 0; y < kernel.rows; y++)
      for (let x = 0; x < kernel.columns; x++)
        for (let channel = 0; channel < depth; channel++)
          pooled[(n * cells + (y >> 1) * columns + (x >> 1)) * depth + channel]! +=
            kernel.data[(y * kernel.columns + x) * depth + channel]!;
  });
  const projection = principalDirections(pooled, depth, CHANNELS);
  const channels = projection.length / depth;
  const projected = channelByChannel(sharesOf(pooled, projection, depth), members.length, cells, channels);
  const width = cells * channels;
  const shape = { members, count: members.length, rows, columns, channels, projection };
  if (members.length <= SHARED_KERNELS) return { ...shape, shared: projected, mix: identity(members.length) };
  const shared = principalDirections(projected, width, SHARED_KERNELS);
  return { ...shape, shared, mix: sharesOf(projected, shared, width) };
}

/** As a convolution wants it: each kernel channel by channel. */
function channelByChannel(data: Float32Array, kernels: number, cells: number, channels: number): Float32Array {
  const turned = new Float32Array(data.length);
  for (let kernel = 0; kernel < kernels; kernel++)
    for (let cell = 0; cell < cells; cell++)
      for (let channel = 0; channel < channels; channel++)
        turned[(kernel * channels + channel) * cells + cell] = data[(kernel * cells + cell) * channels + channel]!;
  return turned;
}

function identity(size: number): Float32Array {
  const matrix = new Float32Array(size * size);
  for (let i = 0; i < size; i++) matrix[i * size + i] = 1;
  return matrix;
}
