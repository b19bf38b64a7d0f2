import { describe, expect, it } from 'vitest';
import { SLANTS, type Kernel } from './kernel-bank.js';
import { pooledBatches, type PooledBatch } from './kernel-batches.js';

const kernel = (rows: number, columns: number, valueAt: (i: number) => number = () => 1): Kernel => ({
  slant: SLANTS[0]!,
  data: Float32Array.from({ length: 2 * rows * columns }, (_, i) => valueAt(i)),
  depth: 2,
  rows,
  columns,
  centreColumn: columns / 2,
  centreRow: rows / 2,
  scale: 1,
});

/** What a batch's kernel looks like to the features: `[depth, rows, columns]`. */
function unfolded({ channels, projection, shared, mix, count, rows, columns }: PooledBatch, n: number): Float32Array {
  const [cells, sharedCount, depth] = [rows * columns, mix.length / count, projection.length / channels];
  const data = new Float32Array(depth * cells);
  for (let s = 0; s < sharedCount; s++)
    for (let c = 0; c < channels; c++)
      for (let cell = 0; cell < cells; cell++)
        for (let d = 0; d < depth; d++)
          data[d * cells + cell]! += mix[n * sharedCount + s]! * shared[(s * channels + c) * cells + cell]! * projection[c * depth + d]!;
  return data;
}

describe(pooledBatches.name, () => {
  it('puts kernels of like shape together and loses none of their weight', () => {
    const batches = pooledBatches([kernel(8, 8), kernel(4, 24), kernel(10, 8), kernel(24, 4)]);
    expect(batches.flatMap(({ members }) => members).sort()).toEqual([0, 1, 2, 3]);
    const together = batches.find(({ members }) => members.includes(0))!;
    expect([...together.members]).toEqual([0, 2]);
    const sum = (n: number): number => unfolded(together, n).reduce((total, value) => total + value, 0);
    expect(sum(0)).toBeCloseTo(2 * 8 * 8, 3);
    expect(sum(1)).toBeCloseTo(2 * 10 * 8, 3);
  });

  it('makes many kernels up of fewer shared ones, and they stay what they were', () => {
    // Each is a mixture of three patterns, so that a few dozen shared kernels can make up all of them.
    const kernels = Array.from({ length: 120 }, (_, n) =>
      kernel(8, 8, (i) => Math.sin(i * 0.7) * Math.cos(n) + ((i % 7) - 3) * Math.sin(3 * n) * 0.3 + (i % 3) * 0.2 * Math.cos(5 * n)),
    );
    const [batch] = pooledBatches(kernels);
    const sharedCount = batch!.mix.length / batch!.count;
    expect(batch!.count).toBe(120);
    expect(sharedCount).toBeLessThan(60);
    for (const n of [0, 17, 119]) {
      const alone = unfolded(pooledBatches([kernels[n]!])[0]!, 0);
      const made = unfolded(batch!, n);
      const difference = Math.hypot(...made.map((value, i) => value - alone[i]!));
      expect(difference).toBeLessThan(0.01 * Math.hypot(...alone));
    }
  });
});
