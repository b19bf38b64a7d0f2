import { CodedError } from 'vedette/plugin';
import type { ObjectDetectionConfig, PictureSize } from './config.js';
import { wrongSize } from './errors.js';
import type { InputLayout } from './model-input.js';

/** What most detectors are taught at, where the model does not say. */
const USUAL_SIDE_PX = 640;
const USUAL_STRIDE_PX = 32;
/** A file that says more is not believed: its first run would take the host's memory. Whoever wants more gives it in the config. */
const LARGEST_SIDE_PX = 2048;

interface Wish {
  /** What the operator asks for. */
  readonly wanted: PictureSize | undefined;
  readonly fit: ObjectDetectionConfig['fit'];
}

/** Which sizes of pictures a model is given: one, or, where its sides are free, one in the shape of each stream. */
export class InputSizes {
  private constructor(
    /** For a stream of unknown or of the model's own shape; the largest there is. */
    readonly usual: PictureSize,
    /** Whether pictures of other shapes have other sizes. */
    readonly isFree: boolean,
    private readonly stridePx: number,
    private readonly given: PictureSize | undefined,
  ) {}

  /** @throws VD_DETECTION_WRONG_SIZE where the operator asks for what the model does not take */
  static of(layout: Sides, metadata: Readonly<Record<string, string>>, { wanted, fit }: Wish): InputSizes {
    const statedStride = numbersIn(metadata['stride']).at(-1);
    if (wanted !== undefined) {
      assertFits(wanted, layout, statedStride);
      return new InputSizes(wanted, false, statedStride ?? USUAL_STRIDE_PX, wanted);
    }
    const stride = statedStride ?? USUAL_STRIDE_PX;
    // Height first, as exporters write it; one number is both.
    const [height = USUAL_SIDE_PX, width = height] = numbersIn(metadata['imgsz']);
    const usual = { widthPx: layout.widthPx ?? roundedUp(width, stride), heightPx: layout.heightPx ?? roundedUp(height, stride) };
    const isFree = layout.widthPx === null && layout.heightPx === null && fit === 'letterbox';
    return new InputSizes(usual, isFree, stride, undefined);
  }

  /**
   * The size for a stream's pictures: as large as in a letterbox of the usual size, and without its bars as far as the stride allows.
   * @example 416x416 with stride 32: 416x256 for 1920x1080, 416x320 for 768x576
   */
  for({ widthPx, heightPx }: PictureSize): PictureSize {
    const { usual, stridePx } = this;
    if (!this.isFree || widthPx <= 0 || heightPx <= 0) return usual;
    const scale = Math.min(usual.widthPx / widthPx, usual.heightPx / heightPx);
    return { widthPx: roundedUp(widthPx * scale, stridePx), heightPx: roundedUp(heightPx * scale, stridePx) };
  }

  /** What to say of a model that did not run on pictures of the usual size: the size may be to blame, where the operator gave it. */
  refusalAfter(error: unknown): unknown {
    const { given, stridePx } = this;
    const isRun = error instanceof CodedError && error.code === 'VD_MODEL_RUN_FAILED';
    if (!isRun || given === undefined || isMultiple(given, stridePx)) return error;
    return wrongSize(`the model does not run on pictures of ${sizeText(given)} px: ${error.message}`, fixFor(given, stridePx), error);
  }
}

type Sides = Pick<InputLayout, 'widthPx' | 'heightPx'>;

function assertFits(wanted: PictureSize, fixed: Sides, stridePx: number | undefined): void {
  const takes = { widthPx: fixed.widthPx ?? wanted.widthPx, heightPx: fixed.heightPx ?? wanted.heightPx };
  if (takes.widthPx !== wanted.widthPx || takes.heightPx !== wanted.heightPx) {
    throw wrongSize(
      `the model takes pictures of ${sizeText(takes)} px, configured are ${sizeText(wanted)}`,
      `Set input: auto for object-detection, or input: { widthPx: ${takes.widthPx}, heightPx: ${takes.heightPx} }.`,
    );
  }
  if (stridePx === undefined || isMultiple(wanted, stridePx, fixed)) return;
  throw wrongSize(
    `the model takes sides that are multiples of ${stridePx} px, configured are ${sizeText(wanted)}`,
    fixFor(wanted, stridePx),
  );
}

const isMultiple = ({ widthPx, heightPx }: PictureSize, stridePx: number, fixed?: Sides): boolean =>
  (fixed?.widthPx === widthPx || widthPx % stridePx === 0) && (fixed?.heightPx === heightPx || heightPx % stridePx === 0);

function fixFor({ widthPx, heightPx }: PictureSize, stridePx: number): string {
  const near = (side: number): number => Math.max(1, Math.round(side / stridePx)) * stridePx;
  return `Set input: auto for object-detection, or input: { widthPx: ${near(widthPx)}, heightPx: ${near(heightPx)} }.`;
}

const sizeText = ({ widthPx, heightPx }: PictureSize): string => `${widthPx}x${heightPx}`;

/** Whole pixels first: 416.0000001 is 416. */
const roundedUp = (side: number, stridePx: number): number => Math.max(1, Math.ceil(Math.round(side) / stridePx)) * stridePx;

/** Numbers of pixels in metadata: `[416, 416]`, `640`; none where anything else stands there, such as sides that no picture has. */
function numbersIn(text = ''): number[] {
  const numbers = (text.match(/\d+/g) ?? []).map(Number);
  return /^[\s[\](),\d]*$/.test(text) && numbers.every((side) => side >= 1 && side <= LARGEST_SIDE_PX) ? numbers : [];
}
