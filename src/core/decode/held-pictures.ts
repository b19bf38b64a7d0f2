import { avImageGetBufferSize, Frame as AvFrame } from 'node-av/lib';
import type { AVPixelFormat } from 'node-av/constants';
import type { PtsUs } from '../plugin-api/index.js';
import { FrameScaler } from './frame-scaler.js';
import { libavOk } from './libav.js';

/** Memory that the pictures of one segment may take. Where they would take more, all of them are held smaller. */
export const MAX_HELD_BYTES = 64 * 1024 * 1024;
/** Of libav's rows. */
const ALIGNMENT_BYTES = 32;
/** Sides of the largest picture that is ever made of one. */
const MAX_SIDE_PX = 4096;

/** Rows without padding, upright, with square pixels. */
export interface RgbPicture {
  readonly rgb: Uint8Array;
  readonly widthPx: number;
  readonly heightPx: number;
}

interface Held {
  readonly position: number;
  readonly ptsUs: PtsUs;
  readonly picture: AvFrame | RgbPicture;
}

/**
 * Decoded pictures of a segment, held until it has been analysed, so that parts of them can be cut out once it is known which. A picture
 * is held by reference, at its full size and at no cost of CPU; where all of them would not fit into {@link MAX_HELD_BYTES}, each is
 * shrunk to its share.
 */
export class HeldPictures {
  private held: Held[] = [];
  private shareBytes = 0;
  private shrinker: FrameScaler | undefined;
  private painter: FrameScaler | undefined;
  private painted: { readonly ptsUs: PtsUs; readonly picture: RgbPicture } | undefined;

  constructor(private readonly maxBytes = MAX_HELD_BYTES) {}

  /** @param count of pictures that will be held */
  begin(count: number): void {
    this.shareBytes = Math.floor(this.maxBytes / Math.max(1, count));
  }

  /** @param position in decode order */
  hold(av: AvFrame, position: number, ptsUs: PtsUs): void {
    this.held.push({ position, ptsUs, picture: bytesOf(av) <= this.shareBytes ? referenceTo(av) : this.shrunk(av) });
  }

  /** Lets go of pictures that turned out not to be what they seemed. */
  retract(isUnsound: (position: number) => boolean): void {
    for (const one of this.held) if (isUnsound(one.position)) letGo(one);
    this.held = this.held.filter(({ position }) => !isUnsound(position));
  }

  has(ptsUs: PtsUs): boolean {
    return this.held.some((held) => held.ptsUs === ptsUs);
  }

  /** The picture at a time of the segment, valid until the next is asked for; undefined where none is held. */
  at(ptsUs: PtsUs): RgbPicture | undefined {
    const one = this.held.find((held) => held.ptsUs === ptsUs);
    if (one === undefined) return undefined;
    if (!(one.picture instanceof AvFrame)) return one.picture;
    if (this.painted?.ptsUs !== ptsUs) {
      this.painter ??= new FrameScaler({ widthPx: MAX_SIDE_PX, heightPx: MAX_SIDE_PX, fit: 'inside', format: 'rgb24' });
      this.painted = { ptsUs, picture: scaled(this.painter, one.picture, 0) };
    }
    return this.painted.picture;
  }

  close(): void {
    for (const one of this.held) letGo(one);
    this.held = [];
    this.painted = undefined;
    this.shrinker?.close();
    this.painter?.close();
    this.shrinker = this.painter = undefined;
  }

  private shrunk(av: AvFrame): RgbPicture {
    const { num, den } = av.sampleAspectRatio;
    const widthPx = av.width * (num > 0 && den > 0 ? num / den : 1);
    const shrink = Math.min(1, Math.sqrt(this.shareBytes / (3 * widthPx * av.height)));
    const side = (px: number): number => Math.max(1, Math.floor(px * shrink));
    this.shrinker ??= new FrameScaler({ widthPx: side(widthPx), heightPx: side(av.height), fit: 'inside', format: 'rgb24' });
    return scaled(this.shrinker, av, this.held.length);
  }
}

function scaled(scaler: FrameScaler, av: AvFrame, slot: number): RgbPicture {
  const { data, fit } = scaler.scale(av, slot);
  return { rgb: data, widthPx: fit.frameWidthPx, heightPx: fit.frameHeightPx };
}

function referenceTo(av: AvFrame): AvFrame {
  const reference = new AvFrame();
  reference.alloc();
  libavOk(reference.ref(av), 'holding a picture');
  return reference;
}

function letGo({ picture }: Held): void {
  if (picture instanceof AvFrame) picture.free();
}

const bytesOf = (av: AvFrame): number =>
  libavOk(avImageGetBufferSize(av.format as AVPixelFormat, av.width, av.height, ALIGNMENT_BYTES), 'measuring a picture');
