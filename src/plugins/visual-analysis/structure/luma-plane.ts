/** Packed 8-bit luma, full range, and the part of it that is picture: `left`/`top` inclusive, `right`/`bottom` exclusive. */
export interface LumaPlane {
  readonly luma: Uint8Array;
  readonly widthPx: number;
  readonly heightPx: number;
}

export interface PixelArea {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}
