import { durationMs, nameSchema, z } from 'vedette/plugin';
import { BOX_FORMATS, NORMALISATIONS } from './layouts/layout.js';
import { LAYOUTS } from './layouts/registry.js';

const share = z.number().min(0).max(1);
const three = (each: z.ZodNumber) => z.tuple([each, each, each]);

const tracking = z
  .strictObject({
    /** Follow objects over frames and segments, and give each a `trackId`. */
    enabled: z.boolean().default(true),
    /** A track begins with a detection of at least this score. */
    startScore: share.default(0.5),
    /** A detection of at least this score continues a track; absent: `minScore`, below which nothing is reported. */
    continueScore: share.optional(),
    /** Least overlap (intersection over union) of a detection with where its track is expected. */
    minIou: share.default(0.2),
    /** A track not seen for this long is over. */
    maxGap: durationMs.prefault('2s'),
    /** Detections it takes until a track counts. */
    minHits: z.number().int().min(1).max(20).default(2),
  })
  .prefault({});

/** The model that comes with Vedette: COCO's 80 classes. */
const OWN_MODEL = 'nanodet-coco';
/** What people watch for with it: of its 80 classes most are things that stand in kitchens. */
const OWN_CLASSES = ['person', 'bicycle', 'car', 'motorcycle', 'bus', 'truck', 'dog', 'cat', 'bird'];

const sidePx = z.number().int().min(32).max(4096);

export const objectDetectionConfig = z
  .strictObject({
    /** ONNX file below `<dataDir>/models` (or the package's own `models`). The default finds persons, vehicles and animals. */
    model: z.string().min(1).default(`${OWN_MODEL}.onnx`),
    /** Refuse the file unless it has this SHA-256. */
    sha256: z
      .string()
      .regex(/^[0-9a-fA-F]{64}$/)
      .optional(),
    /** Frames looked at per second of media. */
    fps: z.number().min(0.1).max(60).default(5),
    /** Look at keyframes only: ten times cheaper decoding, one frame every few seconds. Overrides `fps`. */
    keyframesOnly: z.boolean().default(false),
    /**
     * Size of the model's input picture. `auto`: the model's own; where its sides are free, no larger than that and in the stream's shape,
     * so that nothing is spent on bars.
     */
    input: z.union([z.literal('auto'), z.strictObject({ widthPx: sidePx, heightPx: sidePx })]).default('auto'),
    /** Deprecated: `input`. */
    inputWidthPx: sidePx.optional(),
    inputHeightPx: sidePx.optional(),
    /** How the frame is fitted into the input: with its aspect ratio kept and grey bars (YOLO), or stretched (RT-DETR, RF-DETR, SSD). */
    fit: z.enum(['letterbox', 'stretch']).default('letterbox'),
    minScore: share.default(0.4),
    /**
     * Of two boxes of one class that overlap by more than this (intersection over union), the lower score goes. Not applied to models
     * that do it themselves.
     */
    maxOverlap: share.default(0.45),
    /** Class names in order, where the file's metadata has none or others are wanted. */
    names: z.array(nameSchema(256)).min(1).max(10_000).optional(),
    /** File with the class names, below the same folders as the model: one per line, or JSON. */
    labels: z.string().min(1).optional(),
    /** Report these classes only. Absent: with the model that comes with Vedette those that people watch for, with any other all. */
    only: z.union([z.literal('all'), z.array(nameSchema(256)).min(1)]).optional(),
    maxDetections: z.number().int().min(1).max(1000).default(100),
    /** Frames per run of a model whose batch size is free. Absent: one on the CPU, where more cost time and memory, four elsewhere. */
    maxBatch: z.number().int().min(1).max(64).optional(),
    /** How the model writes its detections; absent: found from its names, shapes, metadata and a run on a grey picture. */
    layout: z.enum(LAYOUTS.map(({ id }) => id) as [string, ...string[]]).optional(),
    /**
     * What levels 0..255 become: 0..1 (`unit`), as they are (`none`), by ImageNet's mean and spread, or `(level / divideBy - mean) /
     * std` per channel (red, green, blue). Absent: what the layout's models were taught.
     */
    normalise: z
      .union([
        z.enum(Object.keys(NORMALISATIONS) as [keyof typeof NORMALISATIONS, ...(keyof typeof NORMALISATIONS)[]]),
        z.strictObject({ divideBy: z.number().positive().default(255), mean: three(z.number()), std: three(z.number().positive()) }),
      ])
      .optional(),
    /** Absent: what the layout's models were taught. */
    channelOrder: z.enum(['rgb', 'bgr']).optional(),
    /**
     * Shape of the input where the model leaves all of it free: planes are [batch, 3, height, width], interleaved [batch, height,
     * width, 3].
     */
    tensorOrder: z.enum(['planes', 'interleaved']).optional(),
    /**
     * What a box's four numbers are: corners, centre and size, corner and size, or corners with y first. Absent: as usual for the
     * layout.
     */
    boxFormat: z.enum(BOX_FORMATS).optional(),
    /** Pixels of the input picture, or 0..1 of it. Absent: as usual for the layout. */
    boxUnits: z.enum(['pixels', 'normalised']).optional(),
    /** Whether scores are probabilities already, or what turns them into some. Absent: as usual for the layout. */
    scores: z.enum(['probabilities', 'sigmoid', 'softmax']).optional(),
    /** Number of the first class in the model's own counting: 1 where 0 means background. Absent: as usual for the layout. */
    classOffset: z.number().int().min(0).max(1000).optional(),
    tracking,
  })
  .refine(({ names, labels }) => names === undefined || labels === undefined, {
    path: ['labels'],
    message: 'give names or labels, not both',
  })
  .refine(({ inputWidthPx, inputHeightPx }) => (inputWidthPx === undefined) === (inputHeightPx === undefined), {
    path: ['inputWidthPx'],
    message: 'goes together with inputHeightPx; better: input: { widthPx, heightPx }',
  })
  .refine(({ tracking: { startScore, continueScore } }) => continueScore === undefined || continueScore <= startScore, {
    path: ['tracking', 'continueScore'],
    message: 'must not be above tracking.startScore',
  });

export type ObjectDetectionConfig = z.output<typeof objectDetectionConfig>;

export interface PictureSize {
  readonly widthPx: number;
  readonly heightPx: number;
}

/** The size that the operator asks for; undefined where it is left to model and stream. */
export function wantedSize({
  input,
  inputWidthPx,
  inputHeightPx,
}: Pick<ObjectDetectionConfig, 'input' | 'inputWidthPx' | 'inputHeightPx'>): PictureSize | undefined {
  if (input !== 'auto') return input;
  return inputWidthPx === undefined || inputHeightPx === undefined ? undefined : { widthPx: inputWidthPx, heightPx: inputHeightPx };
}

/** Labels that are reported; undefined for all. */
export function wantedClasses({ model, only }: Pick<ObjectDetectionConfig, 'model' | 'only'>): readonly string[] | undefined {
  if (only === 'all') return undefined;
  return only ?? ([OWN_MODEL, `${OWN_MODEL}.onnx`].includes(model) ? OWN_CLASSES : undefined);
}

/** The same for the demo stream: a model that finds red, green and blue rectangles. */
export const shapesConfig = objectDetectionConfig.safeExtend({
  model: z.string().min(1).default('demo-shapes.onnx'),
  input: objectDetectionConfig.shape.input.unwrap().default({ widthPx: 320, heightPx: 320 }),
});
