/** How far a cell must deviate, in multiples of its usual noise. */
export interface Thresholds {
  /** A region has at least one cell like this, … */
  readonly strong: number;
  /** … and reaches as far as cells like these touch each other. */
  readonly weak: number;
}

/** Cells that changed together; edges in cells, the far ones exclusive. */
export interface Region {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
  /** How many cells it has. */
  readonly size: number;
  /** The most any of them deviates. */
  readonly peak: number;
  readonly cells: readonly number[];
}

/** Cells above the weak threshold that touch, by side or corner, with a strong one among them; largest first. */
export function regionsIn(excess: Float32Array, columns: number, { strong, weak }: Thresholds): Region[] {
  const rows = excess.length / columns;
  const done = new Uint8Array(excess.length);
  const regions: Region[] = [];
  for (let seed = 0; seed < excess.length; seed++) {
    if (done[seed] === 1 || excess[seed]! < strong) continue;
    const cells = [seed];
    done[seed] = 1;
    let [left, right, top, bottom, peak] = [columns, 0, rows, 0, 0];
    for (let next = 0; next < cells.length; next++) {
      const cell = cells[next]!;
      const [column, row] = [cell % columns, Math.floor(cell / columns)];
      [left, right, top, bottom] = [Math.min(left, column), Math.max(right, column + 1), Math.min(top, row), Math.max(bottom, row + 1)];
      peak = Math.max(peak, excess[cell]!);
      for (let y = Math.max(0, row - 1); y <= Math.min(rows - 1, row + 1); y++) {
        for (let x = Math.max(0, column - 1); x <= Math.min(columns - 1, column + 1); x++) {
          const neighbour = y * columns + x;
          if (done[neighbour] === 1 || excess[neighbour]! < weak) continue;
          done[neighbour] = 1;
          cells.push(neighbour);
        }
      }
    }
    regions.push({ left, top, right, bottom, size: cells.length, peak, cells });
  }
  return regions.sort((a, b) => b.size - a.size);
}
