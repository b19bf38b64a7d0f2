/** Left, top, right, bottom in pixels of the clip. */
export type Corners = readonly [number, number, number, number];

export interface ReadText {
  readonly text: string;
  readonly box: Corners;
}

/** What is known of a clip; `frames` holds the lines of every frame, in display order. */
export interface TextTruth {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly fps: number;
  readonly bitrateKbps: number;
  readonly frames: readonly (readonly ReadText[])[];
}

export interface TextClip {
  readonly file: string;
  readonly truth: TextTruth;
}
