import { Box, type Analyzer, type Emit, type Frame, type Model, type Models } from 'vedette/plugin';
import { parseClassNames } from './class-names.js';
import type { ObjectDetectionConfig } from './config.js';
import { unfitModel } from './errors.js';
import { InputTensor, inputLayout, type InputLayout } from './model-input.js';
import { layoutOf, readDetections, suppressOverlaps, type OutputLayout, type RawDetection } from './yolo-output.js';

interface Detector {
  readonly model: Model;
  readonly input: InputLayout;
  readonly tensor: InputTensor;
  readonly names: readonly string[];
}

/** Runs a YOLO model over the sampled frames; emits a `detection` per object with its class as the label. */
export class ObjectDetection implements Analyzer {
  #detector: Detector | undefined;
  readonly #only: ReadonlySet<string> | undefined;

  constructor(
    private readonly config: ObjectDetectionConfig,
    private readonly models: Models,
  ) {
    this.#only = config.only && new Set(config.only);
  }

  /** @throws VD_MODEL_*, VD_DETECTION_UNFIT_MODEL */
  async init(): Promise<void> {
    const { model: path, sha256, inputWidthPx, inputHeightPx, names } = this.config;
    const model = await this.models.open(path, { sha256 });
    const input = inputLayout(model.inputs[0], inputWidthPx, inputHeightPx);
    this.#detector = { model, input, tensor: new InputTensor(input), names: names ?? parseClassNames(model.metadata['names']) };
  }

  async process(frames: readonly Frame[], emit: Emit, signal: AbortSignal): Promise<void> {
    const detector = this.#detector;
    if (detector === undefined) throw new Error('process() came before init()');
    const step = detector.input.batch ?? this.config.maxBatch;
    for (let from = 0; from < frames.length; from += step) {
      signal.throwIfAborted();
      await this.#batch(detector, frames.slice(from, from + step), emit);
    }
  }

  async dispose(): Promise<void> {
    await this.#detector?.model.dispose();
    this.#detector = undefined;
  }

  async #batch({ model, input, tensor, names }: Detector, frames: readonly Frame[], emit: Emit): Promise<void> {
    const outputs = await model.run({ [input.name]: tensor.of(frames, input.batch ?? frames.length) });
    const output = outputs[model.outputs[0]?.name ?? ''];
    if (output?.type !== 'float32') {
      throw unfitModel(
        `the model's first output is ${output?.type ?? 'missing'}, expected float32`,
        'Export the model with float32 outputs.',
      );
    }
    const layout = layoutOf(output.dims, names.length);
    frames.forEach((frame, picture) => {
      for (const found of this.#select(readDetections(output, picture, layout, this.config.minScore), layout, names)) {
        const { x0, y0, x1, y1, score, classIndex } = found;
        emit({
          type: 'detection',
          ptsUs: frame.ptsUs,
          label: labelOf(names, classIndex),
          score: Math.min(1, score),
          box: Box.fromInputCornersPx(x0, y0, x1, y1, frame.fit),
        });
      }
    });
  }

  #select(found: readonly RawDetection[], layout: OutputLayout, names: readonly string[]): RawDetection[] {
    const wanted = found.filter(({ classIndex }) => this.#only?.has(labelOf(names, classIndex)) ?? true);
    const { maxOverlap, maxDetections } = this.config;
    // End-to-end models have removed overlaps themselves.
    return suppressOverlaps(wanted, layout === 'final' ? 1 : maxOverlap, maxDetections);
  }
}

const labelOf = (names: readonly string[], index: number): string => names[index] ?? `class ${index}`;
