import type { ReferenceRecord } from '../persistence/references/brand-records.js';
import type { ReferenceHint } from '../wire/brands.wire.js';

/** Below it an image has little to tell a logo from its like by: they are compared at about this size. */
const DETAILED_SIDE_PX = 96;
/** Of long side to short: longer ones have few pixels of height where they are of ordinary width in the picture. */
const ELONGATED_RATIO = 5;

type Looks = Pick<ReferenceRecord, 'source' | 'widthPx' | 'heightPx' | 'hasAlpha' | 'backgroundRemoved'>;

/** What may be better about an image, for whoever keeps the library; none where it is as it should be. */
export function hintsOf({ source, widthPx, heightPx, hasAlpha, backgroundRemoved }: Looks): ReferenceHint[] {
  const [long, short] = [Math.max(widthPx, heightPx), Math.min(widthPx, heightPx)];
  return [
    ...(long < DETAILED_SIDE_PX ? (['few-pixels'] as const) : []),
    ...(long > short * ELONGATED_RATIO ? (['elongated'] as const) : []),
    ...(source === 'frame' ? (['from-frame'] as const) : hasAlpha ? [] : (['opaque'] as const)),
    ...(backgroundRemoved ? (['background-removed'] as const) : []),
  ];
}
