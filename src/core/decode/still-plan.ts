import { ptsUsToTicks, type PictureRequest, type SegmentInfo } from '../plugin-api/index.js';
import type { AccessUnit } from './segment/index.js';
import { planDecode, type PlannedPicture } from './decode-plan.js';
import { GRID_TOLERANCE_TICKS } from './sampling.js';

/** Which pictures are kept, and the least that has to be decoded for them. */
export interface StillPlan {
  /** By position of the unit in decode order. */
  readonly wanted: ReadonlyMap<number, PlannedPicture>;
  /** Units to send, in decode order, as positions. */
  readonly send: readonly number[];
  /** How many there would be if the file had all it was registered with. */
  readonly expected: number;
}

type Segment = Pick<SegmentInfo, 'ptsStartUs' | 'ptsEndUs'> & { readonly frameCount: number };

const TICKS_PER_SECOND = 90_000;

/**
 * Plans single pictures: at each multiple of 1/fps on the epoch's clock the frame on show, however the packager cuts. Of a group of
 * pictures only what stands before the last wanted one is decoded, and groups without a wanted one are left out.
 * @param units in decode order
 */
export function planStills(
  units: readonly AccessUnit[],
  segment: Segment,
  { fps, maxPictures }: Pick<PictureRequest, 'fps' | 'maxPictures'>,
): StillPlan {
  const moments = momentsOf(segment, fps);
  const { pictures } = planDecode(units, segment, []);
  const display = pictures.map((picture, position) => ({ picture, position })).sort((a, b) => a.picture.index - b.picture.index);
  const onShow = spread(framesOnShow(display, moments), maxPictures);
  const isWhole = units.length >= segment.frameCount;
  return {
    wanted: new Map(onShow.map(({ position, picture }) => [position, picture])),
    send: needed(
      units,
      pictures,
      onShow.map(({ position }) => position),
    ),
    expected: isWhole ? onShow.length : Math.min(maxPictures, segment.frameCount, moments.length),
  };
}

/** Multiples of 1/fps within the segment, in ticks. */
function momentsOf({ ptsStartUs, ptsEndUs }: Segment, fps: number): number[] {
  const step = TICKS_PER_SECOND / fps;
  const end = ptsUsToTicks(ptsEndUs);
  const moments: number[] = [];
  for (let k = Math.ceil((ptsUsToTicks(ptsStartUs) - GRID_TOLERANCE_TICKS) / step); k * step < end - GRID_TOLERANCE_TICKS; k++)
    moments.push(k * step);
  return moments;
}

interface Shown {
  readonly picture: PlannedPicture;
  readonly position: number;
}

/** The last frame that begins at or before each moment, each once. */
function framesOnShow(display: readonly Shown[], moments: readonly number[]): Shown[] {
  const shown = moments.flatMap(
    (moment) => display.findLast(({ picture }) => ptsUsToTicks(picture.ptsUs) <= moment + GRID_TOLERANCE_TICKS) ?? [],
  );
  return [...new Set(shown)];
}

/** At most so many, evenly. */
function spread(shown: readonly Shown[], most: number): readonly Shown[] {
  if (shown.length <= most) return shown;
  return Array.from({ length: most }, (_, i) => shown[Math.floor(((i + 0.5) * shown.length) / most)]!);
}

function needed(units: readonly AccessUnit[], pictures: readonly PlannedPicture[], wanted: readonly number[]): number[] {
  const send = new Set<number>();
  for (const last of wanted) {
    const isWholeBy = (unit: AccessUnit, at: number): boolean => unit.keyframe && at + unit.wholeAfter <= last;
    let first = units.findLastIndex(isWholeBy);
    // One that is shown before its keyframe refers to the group before, too.
    if (first > 0 && pictures[last]!.ptsUs < pictures[first]!.ptsUs)
      first = units.findLastIndex((unit, at) => at < first && isWholeBy(unit, at));
    for (let at = Math.max(0, first); at <= last; at++) send.add(at);
  }
  return [...send].sort((a, b) => a - b);
}
