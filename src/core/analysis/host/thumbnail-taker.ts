import { THUMBNAIL_LIMITS, type PtsUs, type Thumbnail } from '../../plugin-api/index.js';
import type { PlannedPicture } from '../../decode/decode-plan.js';
import type { DecodedPicture } from '../../decode/video-decoder.js';
import type { ScalerCache } from './frame-fan-out.js';

const { widthPx, heightPx, bytes } = THUMBNAIL_LIMITS;
const SIZE = { widthPx, heightPx, fit: 'inside', format: 'rgb24' } as const;
const QUALITY = 60;

/** Makes thumbnails of keyframes that are decoded for analyzers anyway. */
export class ThumbnailTaker {
  /** By position in decode order: the moments that the picture stands for. */
  private readonly wanted: ReadonlyMap<number, readonly PtsUs[]>;
  private readonly taken: { readonly position: number; readonly thumbnail: Thumbnail }[] = [];

  constructor(
    askedUs: readonly PtsUs[],
    pictures: readonly PlannedPicture[],
    private readonly scalers: ScalerCache,
  ) {
    this.wanted = nearestKeyframes(askedUs, pictures);
  }

  async take({ av, position }: DecodedPicture, { ptsUs }: PlannedPicture): Promise<void> {
    const moments = this.wanted.get(position);
    if (moments === undefined) return;
    // Loaded where it is needed: most hosts never write a picture.
    const { writeJpeg } = await import('./jpeg-writer.js');
    const { data, fit } = this.scalers.get(SIZE).scale(av, 0);
    const picture = { rgb: data, widthPx: fit.frameWidthPx, heightPx: fit.frameHeightPx };
    const { jpeg, ...size } = await writeJpeg(picture, { quality: QUALITY, maxBytes: bytes });
    const jpegBase64 = Buffer.from(jpeg.buffer, jpeg.byteOffset, jpeg.byteLength).toString('base64');
    for (const askedPtsUs of moments) this.taken.push({ position, thumbnail: { askedPtsUs, ptsUs, ...size, jpegBase64 } });
  }

  /** Those that still are what they seemed when all had been decoded. */
  sound(isSound: (position: number) => boolean): Thumbnail[] {
    return this.taken.filter(({ position }) => isSound(position)).map(({ thumbnail }) => thumbnail);
  }
}

function nearestKeyframes(askedUs: readonly PtsUs[], pictures: readonly PlannedPicture[]): Map<number, PtsUs[]> {
  const wanted = new Map<number, PtsUs[]>();
  for (const asked of askedUs.slice(0, THUMBNAIL_LIMITS.perJob)) {
    let nearest = -1;
    pictures.forEach(({ keyframe, ptsUs }, position) => {
      if (keyframe && (nearest < 0 || Math.abs(ptsUs - asked) < Math.abs(pictures[nearest]!.ptsUs - asked))) nearest = position;
    });
    if (nearest >= 0) wanted.set(nearest, [...(wanted.get(nearest) ?? []), asked]);
  }
  return wanted;
}
