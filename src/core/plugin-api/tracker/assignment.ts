/** A pair that may be matched: row and column, and how much the match is worth (> 0). */
export interface Pair {
  readonly row: number;
  readonly column: number;
  readonly worth: number;
}

/** Beyond this, a cluster of rivals is matched greedily: the exact answer costs the cube of its size. */
const MAX_EXACT = 64;

/**
 * The one-to-one matching of greatest total worth. Rows and columns that share no pair are matched apart from each other, so that
 * a frame of fifty objects is mostly fifty problems of size one. Deterministic: equal worths go to the smaller row, then column.
 */
export function bestMatching(pairs: readonly Pair[]): Pair[] {
  return clusters(pairs).flatMap((cluster) => {
    if (cluster.length === 1) return cluster;
    const rows = [...new Set(cluster.map(({ row }) => row))].sort((a, b) => a - b);
    const columns = [...new Set(cluster.map(({ column }) => column))].sort((a, b) => a - b);
    return Math.max(rows.length, columns.length) > MAX_EXACT ? greedy(cluster) : exact(cluster, rows, columns);
  });
}

function clusters(pairs: readonly Pair[]): Pair[][] {
  const parent = new Map<number, number>();
  const root = (node: number): number => {
    let at = node;
    for (let up = parent.get(at) ?? at; up !== at; up = parent.get(at) ?? at) at = up;
    if (at !== node) parent.set(node, at);
    return at;
  };
  // Columns are numbered -1, -2, … so that they do not meet the rows.
  for (const { row, column } of pairs) parent.set(root(-column - 1), root(row));
  const groups = new Map<number, Pair[]>();
  for (const pair of pairs) {
    const key = root(pair.row);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [pair]);
    else group.push(pair);
  }
  return [...groups.values()];
}

function greedy(cluster: readonly Pair[]): Pair[] {
  const rows = new Set<number>();
  const columns = new Set<number>();
  return [...cluster]
    .sort((a, b) => b.worth - a.worth || a.row - b.row || a.column - b.column)
    .filter(({ row, column }) => {
      if (rows.has(row) || columns.has(column)) return false;
      rows.add(row);
      columns.add(column);
      return true;
    });
}

/**
 * Hungarian method with potentials (Kuhn, Munkres; the O(n³) form of Jonker and Volgenant): the least cost, where a match costs minus
 * its worth.
 */
function exact(cluster: readonly Pair[], rows: readonly number[], columns: readonly number[]): Pair[] {
  const isTall = rows.length > columns.length;
  const [few, many] = isTall ? [columns, rows] : [rows, columns];
  const fewAt = new Map(few.map((value, index) => [value, index]));
  const manyAt = new Map(many.map((value, index) => [value, index]));
  const found: (Pair | undefined)[] = Array.from({ length: few.length * many.length });
  for (const pair of cluster) {
    const [f, m] = isTall ? [pair.column, pair.row] : [pair.row, pair.column];
    found[fewAt.get(f)! * many.length + manyAt.get(m)!] = pair;
  }
  return solve(few.length, many.length, (f, m) => -(found[f * many.length + m]?.worth ?? 0))
    .map((m, f) => found[f * many.length + m])
    .filter((pair) => pair !== undefined);
}

/** @returns for each of `n` rows its column, of `m >= n` columns */
function solve(n: number, m: number, cost: (row: number, column: number) => number): number[] {
  const rowPotential = new Float64Array(n + 1);
  const columnPotential = new Float64Array(m + 1);
  const rowOf = new Int32Array(m + 1);
  const cameFrom = new Int32Array(m + 1);
  for (let row = 1; row <= n; row++) {
    rowOf[0] = row;
    let column = 0;
    const least = new Float64Array(m + 1).fill(Infinity);
    const used = new Uint8Array(m + 1);
    do {
      used[column] = 1;
      const at = rowOf[column]!;
      let delta = Infinity;
      let next = 0;
      for (let j = 1; j <= m; j++) {
        if (used[j] === 1) continue;
        const reduced = cost(at - 1, j - 1) - rowPotential[at]! - columnPotential[j]!;
        if (reduced < least[j]!) {
          least[j] = reduced;
          cameFrom[j] = column;
        }
        if (least[j]! < delta) {
          delta = least[j]!;
          next = j;
        }
      }
      for (let j = 0; j <= m; j++) {
        if (used[j] === 1) {
          rowPotential[rowOf[j]!]! += delta;
          columnPotential[j]! -= delta;
        } else least[j]! -= delta;
      }
      column = next;
    } while (rowOf[column] !== 0);
    while (column !== 0) {
      rowOf[column] = rowOf[cameFrom[column]!]!;
      column = cameFrom[column]!;
    }
  }
  const columnOf = Array.from({ length: n }, () => 0);
  for (let j = 1; j <= m; j++) if (rowOf[j]! > 0) columnOf[rowOf[j]! - 1] = j - 1;
  return columnOf;
}
