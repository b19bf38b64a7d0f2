/** Same as config's areas; spelt out, since config itself checks its masks with this. */
type Area = { readonly box: readonly [number, number, number, number] } | { readonly polygon: readonly (readonly [number, number])[] };

/** Which cells of a grid are looked at: those whose centre lies in an area and in no mask. */
export class CellMask {
  private constructor(
    /** 1 for a cell that is looked at. */
    readonly cells: Uint8Array,
    readonly watched: number,
  ) {}

  static of(masks: readonly Area[], areas: readonly Area[] | undefined, columns: number, rows: number): CellMask {
    const cells = new Uint8Array(columns * rows);
    let watched = 0;
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        const [x, y] = [(column + 0.5) / columns, (row + 0.5) / rows];
        const inside = areas === undefined || areas.some((area) => contains(area, x, y));
        if (!inside || masks.some((mask) => contains(mask, x, y))) continue;
        cells[row * columns + column] = 1;
        watched++;
      }
    }
    return new CellMask(cells, watched);
  }
}

function contains(area: Area, x: number, y: number): boolean {
  if ('box' in area) {
    const [left, top, width, height] = area.box;
    return x >= left && x < left + width && y >= top && y < top + height;
  }
  // Even-odd: a ray to the right crosses the outline an odd number of times.
  let inside = false;
  area.polygon.forEach(([x0, y0], i) => {
    const [x1, y1] = area.polygon[(i + 1) % area.polygon.length]!;
    if (y0 > y !== y1 > y && x < ((x1 - x0) * (y - y0)) / (y1 - y0) + x0) inside = !inside;
  });
  return inside;
}
