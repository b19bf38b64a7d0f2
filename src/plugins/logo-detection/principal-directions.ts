const ROUNDS = 8;
const VANISHED = 1e-12;

/**
 * The directions in which rows differ most from nothing, by orthogonal iteration: orthonormal, the strongest first. There are
 * `rank` of them, or as many as there are rows or values in one, if these are fewer. Nothing is left to chance: the same rows
 * give the same directions.
 * @param rows one after another, `width` values each
 * @returns directions one after another, `width` values each
 */
export function principalDirections(rows: Float32Array, width: number, rank: number): Float32Array {
  const count = rows.length / width;
  const wanted = Math.min(rank, count, width);
  const directions = new Float32Array(wanted * width);
  // Rows from all over the set span most of what it spans.
  for (let i = 0; i < wanted; i++) {
    const from = Math.floor((i * count) / wanted) * width;
    directions.set(rows.subarray(from, from + width), i * width);
    directions[i * width + (i % width)]! += 1e-3;
  }
  orthonormalise(directions, width);
  for (let round = 0; round < ROUNDS; round++) {
    const next = new Float32Array(wanted * width);
    for (let row = 0; row < count; row++) {
      const values = rows.subarray(row * width, (row + 1) * width);
      for (let i = 0; i < wanted; i++) {
        const share = product(values, directions, i * width);
        if (share === 0) continue;
        for (let j = 0, at = i * width; j < width; j++, at++) next[at]! += share * values[j]!;
      }
    }
    directions.set(next);
    orthonormalise(directions, width);
  }
  return directions;
}

/** Each row as shares of the directions: `data[row * directions + direction]`. */
export function sharesOf(rows: Float32Array, directions: Float32Array, width: number): Float32Array {
  const [count, rank] = [rows.length / width, directions.length / width];
  const shares = new Float32Array(count * rank);
  for (let row = 0; row < count; row++) {
    const values = rows.subarray(row * width, (row + 1) * width);
    for (let i = 0; i < rank; i++) shares[row * rank + i] = product(values, directions, i * width);
  }
  return shares;
}

/** Gram and Schmidt, one after another; what depends on those before becomes nothing. */
function orthonormalise(directions: Float32Array, width: number): void {
  for (let i = 0; i < directions.length; i += width) {
    const own = directions.subarray(i, i + width);
    const before = product(own, own, 0);
    for (let j = 0; j < i; j += width) {
      const share = product(own, directions, j);
      for (let k = 0; k < width; k++) own[k]! -= share * directions[j + k]!;
    }
    const left = product(own, own, 0);
    const scale = left > Math.max(VANISHED, before * 1e-9) ? 1 / Math.sqrt(left) : 0;
    for (let k = 0; k < width; k++) own[k]! *= scale;
  }
}

function product(a: Float32Array, b: Float32Array, from: number): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[from + i]!;
  return sum;
}
