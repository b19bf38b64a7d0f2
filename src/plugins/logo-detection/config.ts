import { durationMs, z } from 'vedette/plugin';

const share = z.number().min(0).max(1);

export const logoDetectionConfig = z.strictObject({
  /** Frames looked at per second of media. */
  fps: z.number().min(0.2).max(30).default(2.5),
  /** Size the picture is shrunk to, if larger; smaller logos are found in a larger one, at a cost that grows with its area. */
  widthPx: z.number().int().min(160).max(3840).default(1280),
  heightPx: z.number().int().min(90).max(2160).default(720),
  /** A detection of at least this score counts as seen: appearances are made of these. */
  minScore: share.default(0.5),
  /** Detections down to this score are stored as well, so that thresholds can be judged again later. */
  keepScore: share.default(0.15),
  /**
   * Everything is looked for everywhere at least this often; in between, what was found is followed. A cut starts a search at once,
   * and so does the end of a segment.
   */
  searchEvery: durationMs.prefault('4s'),
  /** Mean side (root of the area) of the smallest logo to look for, in pixels of the picture. */
  minLogoPx: z.number().int().min(12).max(512).default(44),
  /** Ratio of one scale of the search to the next. */
  scaleStep: z.number().min(1.1).max(2).default(1.42),
  /** Places per search that are looked at closely, in all and per reference. */
  maxCandidates: z.number().int().min(1).max(500).default(30),
  maxPerReference: z.number().int().min(1).max(50).default(3),
  /** An appearance lasts through gaps up to this long. */
  maxGap: durationMs.prefault('1s'),
  /** Keeps the best picture of each appearance, for people to look at. */
  evidence: z.boolean().default(true),
  /** Looks of references used at once; a coloured logo without background has two. What comes after is left out, with a warning. */
  maxReferences: z.number().int().min(1).max(2000).default(1000),
  /** The network, below `<dataDir>/models` or the package's own `models`. */
  featuresModel: z.string().min(1).default('logo-features.onnx'),
  correlationModel: z.string().min(1).default('logo-correlation.onnx'),
});

export type LogoDetectionConfig = z.output<typeof logoDetectionConfig>;
