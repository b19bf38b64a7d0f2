import { z } from 'vedette/plugin';

const share = z.number().min(0).max(1);

export const objectDetectionConfig = z.strictObject({
  /** ONNX file below `<dataDir>/models` (or the package's own `models`). The default finds red, green and blue rectangles. */
  model: z.string().min(1).default('demo-shapes.onnx'),
  /** Refuse the file unless it has this SHA-256. */
  sha256: z
    .string()
    .regex(/^[0-9a-fA-F]{64}$/)
    .optional(),
  /** Frames looked at per second of media. */
  fps: z.number().min(0.1).max(60).default(5),
  /** Look at keyframes only: ten times cheaper decoding, one frame every few seconds. Overrides `fps`. */
  keyframesOnly: z.boolean().default(false),
  /** Size of the model's input picture; for a model of fixed size it must be that. */
  inputWidthPx: z.number().int().min(32).max(4096).default(320),
  inputHeightPx: z.number().int().min(32).max(4096).default(320),
  minScore: share.default(0.4),
  /** Of two boxes of one class that overlap by more than this (intersection over union), the lower score goes. */
  maxOverlap: share.default(0.45),
  /** Class names in order, where the file's metadata has none or others are wanted. */
  names: z.array(z.string().min(1)).min(1).optional(),
  /** Report these classes only. */
  only: z.array(z.string().min(1)).min(1).optional(),
  maxDetections: z.number().int().min(1).max(1000).default(100),
  /** Frames per run of a model whose batch size is free. */
  maxBatch: z.number().int().min(1).max(64).default(4),
});

export type ObjectDetectionConfig = z.output<typeof objectDetectionConfig>;
