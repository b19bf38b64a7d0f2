import type { Output } from '../tensor-values.js';

/** A box as the model gives it, corners in pixels of the input picture. */
export interface RawDetection {
  readonly x0: number;
  readonly y0: number;
  readonly x1: number;
  readonly y1: number;
  readonly score: number;
  readonly classIndex: number;
}

/** How levels 0..255 become the numbers the model takes: `(level / divideBy - mean) / std`, channel by channel. */
export interface Normalisation {
  readonly divideBy: number;
  readonly mean: readonly [number, number, number];
  readonly std: readonly [number, number, number];
}

export const NORMALISATIONS = {
  /** 0..1 */
  unit: { divideBy: 255, mean: [0, 0, 0], std: [1, 1, 1] },
  /** 0..255 */
  none: { divideBy: 1, mean: [0, 0, 0], std: [1, 1, 1] },
  /** Mean and spread of ImageNet, as most models on pretrained backbones were taught with. Order: red, green, blue. */
  imagenet: { divideBy: 255, mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] },
} as const satisfies Record<string, Normalisation>;

/** What the model was taught to see. */
export interface Pixels {
  readonly channelOrder: 'rgb' | 'bgr';
  readonly normalise: keyof typeof NORMALISATIONS;
}

export const RGB_UNIT: Pixels = { channelOrder: 'rgb', normalise: 'unit' };

export const BOX_FORMATS = ['xyxy', 'cxcywh', 'xywh', 'yxyx'] as const;
export type BoxFormat = (typeof BOX_FORMATS)[number];
export type BoxUnits = 'pixels' | 'normalised';
export type ScoreKind = 'probabilities' | 'sigmoid' | 'softmax';

/** What config says where the model does not. */
export interface Told {
  readonly boxFormat?: BoxFormat | undefined;
  readonly boxUnits?: BoxUnits | undefined;
  readonly scores?: ScoreKind | undefined;
  readonly classOffset?: number | undefined;
}

/** What can be known of a model: its names, and what it gave for one plain grey picture. */
export interface ModelFacts {
  readonly inputNames: readonly string[];
  readonly outputs: readonly Output[];
  readonly metadata: Readonly<Record<string, string>>;
  /** Class names known from config, file or metadata; 0 where there are none. */
  readonly nameCount: number;
  readonly widthPx: number;
  readonly heightPx: number;
}

/** How sure a layout is that the model speaks it: 3 by the exporter's own names or numbers, 2 by shape and classes, 1 by shape alone. */
export interface LayoutMatch {
  readonly strength: 1 | 2 | 3;
  readonly why: string;
}

/** Reads the outputs of a model whose layout is settled. */
export interface Reader {
  /** Classes the outputs have room for; absent where they name classes by number only. */
  readonly classCount?: number;
  /** The number that the first class has. */
  readonly classOffset: number;
  /** The model's outputs hold one picture only, whatever it was fed. */
  readonly onePicture?: boolean;
  /** What was settled beyond the layout, for the log. */
  readonly how: string;
  /** The detections of one picture of the batch with a score of at least `minScore`, all numbers finite. */
  read(outputs: readonly Output[], picture: number, minScore: number): RawDetection[];
}

/** One family's way to write detections. */
export interface Layout {
  readonly id: string;
  /** Which models speak it, and what their outputs look like. */
  readonly title: string;
  readonly pixels: Pixels;
  /** The model has removed overlaps itself, or gives none. */
  readonly isFinal: boolean;
  matches(facts: ModelFacts): LayoutMatch | undefined;
  /** @throws VD_DETECTION_UNFIT_MODEL, VD_DETECTION_UNKNOWN_LAYOUT */
  bind(facts: ModelFacts, told: Told): Reader;
}
