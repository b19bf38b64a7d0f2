/** One logo in one looked-at frame, as the table of detections has it. */
export interface Sighting {
  readonly epochId: string;
  readonly ptsUs: number;
  readonly atMs: number;
  readonly subjectId: string;
  readonly label: string;
  readonly score: number;
  readonly box: { readonly x: number; readonly y: number; readonly width: number; readonly height: number };
  /** Sharpness beside that of the reference, 0..1; 1 where the analyzer does not measure it. */
  readonly clarity: number;
  /** Media time the frame stands for. */
  readonly sampleMs: number;
}

/** Everything seen of one brand in one frame, taken together. */
export interface BrandGlimpse {
  readonly epochId: string;
  readonly ptsUs: number;
  readonly atMs: number;
  readonly seconds: number;
  readonly instances: number;
  /** Share of the frame that its boxes cover, 0..1. */
  readonly share: number;
  readonly clarity: number;
  readonly score: number;
  /** Cell of the 3x3 grid of its largest box. */
  readonly cell: number;
  readonly boxes: readonly Sighting['box'][];
  /** Other brands in the same frame. */
  readonly others: number;
}

/** @param sightings of one brand in one frame, at least one */
export function glimpseOf(
  sightings: readonly Sighting[],
  seconds: number,
  others: number,
  cellOf: (box: Sighting['box']) => number,
): BrandGlimpse {
  const first = sightings[0]!;
  const areas = sightings.map(({ box }) => box.width * box.height);
  const area = areas.reduce((sum, one) => sum + one, 0);
  const largest = areas.indexOf(Math.max(...areas));
  // Weighed by area: a sharp large logo is not made worse by a blurred small one beside it.
  const weighed = (value: (one: Sighting) => number): number =>
    area > 0 ? sightings.reduce((sum, one, i) => sum + value(one) * areas[i]!, 0) / area : value(first);
  return {
    epochId: first.epochId,
    ptsUs: first.ptsUs,
    atMs: first.atMs,
    seconds,
    instances: sightings.length,
    share: Math.min(1, area),
    clarity: weighed((one) => one.clarity),
    score: Math.max(...sightings.map((one) => one.score)),
    cell: cellOf(sightings[largest]!.box),
    boxes: sightings.map(({ box }) => box),
    others,
  };
}
