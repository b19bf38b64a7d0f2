import { errorText, type Frame, type Logger, type Model, type Models, type Tensor } from 'vedette/plugin';
import { namesInMetadata, parseLabels, type NamesFound } from './class-names.js';
import type { ObjectDetectionConfig } from './config.js';
import { unfitModel, wrongNames } from './errors.js';
import { extraFeeds } from './extra-inputs.js';
import { InputTensor } from './input-tensor.js';
import { NORMALISATIONS, type Layout, type ModelFacts, type Normalisation, type RawDetection, type Reader } from './layouts/layout.js';
import { chooseLayout, type ChosenLayout } from './layouts/registry.js';
import { inputLayout, pictureInput, type InputLayout } from './model-input.js';
import { assertCredible, assertTask, otherTaskOf, USE_A_DETECTOR } from './other-tasks.js';
import { readOutputs, type Output } from './tensor-values.js';

/** What grey pictures are filled with: the same as the letterbox. */
const GREY = 114;

type Picture = Pick<Frame, 'data' | 'widthPx' | 'heightPx'>;

/** A model that is understood: it takes frames and gives boxes in pixels of the input picture. */
export class Detector {
  /** Set once a batch has failed and its pictures one by one have not: the export's batch is free in name only. */
  private isSingle = false;
  /** Memory for pictures that no run is reading; streams that ask at the same time have one each. */
  private readonly idleTensors: InputTensor[] = [];
  private readonly pixels: ReturnType<typeof pixelsFor>;

  private constructor(
    private readonly model: Model,
    private readonly input: InputLayout,
    readonly layout: Layout,
    private readonly reader: Reader,
    readonly names: readonly string[],
    private readonly config: ObjectDetectionConfig,
    private readonly logger: Logger | undefined,
  ) {
    this.pixels = pixelsFor(layout, input, config);
  }

  /**
   * Opens the model, shows it a grey picture and settles how its outputs are to be read. That run warms it up, too.
   * @throws VD_MODEL_*, VD_DETECTION_*
   */
  static async open(models: Models, config: ObjectDetectionConfig, logger?: Logger): Promise<Detector> {
    const { inputWidthPx: widthPx, inputHeightPx: heightPx, sha256 } = config;
    const model = await models.open(config.model, { warmUp: { widthPx, heightPx }, sha256 });
    try {
      assertTask(model.metadata);
      const { names, unread } = await namesFor(models, model, config);
      const input = inputLayout(pictureInput(model.inputs), { widthPx, heightPx, order: config.tensorOrder });
      const outputs = await dryRun(model, input, widthPx, heightPx);
      const { metadata } = model;
      const facts: ModelFacts = {
        inputNames: model.inputs.map(({ name }) => name),
        outputs,
        metadata,
        nameCount: names.length,
        widthPx,
        heightPx,
      };
      const { layout, why } = layoutFor(facts, config);
      const reader = layout.bind(facts, config);
      assertNamesFit(names, reader, layout);
      assertCredible(facts, reader);
      if (names.length === 0) {
        logger?.warn(
          `${config.model} has no class names${unread === undefined ? '' : ` that can be read (${unread})`}: its classes are called ` +
            '"class 0", "class 1", …; set names or labels for object-detection',
        );
      }
      logger?.info(`${config.model} is read as ${layout.id}: ${why}; ${reader.how}`, {
        layout: layout.id,
        classes: names.length || reader.classCount,
        input: `${input.type} ${widthPx}x${heightPx} ${input.order}, batch ${input.batch ?? 'free'}`,
        pixels: `${config.channelOrder ?? layout.pixels.channelOrder}, ${JSON.stringify(config.normalise ?? layout.pixels.normalise)}`,
      });
      return new Detector(model, input, layout, reader, names, config, logger);
    } catch (error) {
      await model.dispose();
      throw error;
    }
  }

  /** Classes the model can tell apart; undefined where only its answers say. */
  get classCount(): number | undefined {
    return this.names.length || this.reader.classCount;
  }

  /** Frames that may be given at once. */
  get batch(): number {
    if (this.isSingle || this.reader.onePicture) return 1;
    return this.input.batch ?? this.config.maxBatch;
  }

  /** What is seen in each frame; at most {@link batch} of them. */
  async detect(frames: readonly Frame[]): Promise<RawDetection[][]> {
    try {
      return await this.run(frames);
    } catch (error) {
      if (frames.length === 1 || this.input.batch !== null) throw error;
      const found = [];
      for (const frame of frames) found.push(...(await this.run([frame])));
      this.isSingle = true;
      this.logger?.warn(
        `${this.config.model} does not take ${frames.length} pictures at once, though its batch is free: fed one by one from here on`,
        {
          reason: errorText(error),
        },
      );
      return found;
    }
  }

  dispose(): Promise<void> {
    return this.model.dispose();
  }

  private async run(frames: readonly Frame[]): Promise<RawDetection[][]> {
    const pictures = this.input.batch ?? frames.length;
    const tensor = this.idleTensors.pop() ?? new InputTensor(this.input, ...this.pixels);
    const run = runModel(this.model, this.input, tensor.of(frames, pictures), frames[0]!, pictures);
    const outputs = await run.finally(() => this.idleTensors.push(tensor));
    return frames.map((_, picture) => this.reader.read(outputs, picture, this.config.minScore));
  }
}

async function namesFor(models: Models, model: Model, { names, labels }: ObjectDetectionConfig): Promise<NamesFound> {
  if (names !== undefined) return { names };
  return labels === undefined ? namesInMetadata(model.metadata) : { names: parseLabels(await models.readText(labels), labels) };
}

/** One run on grey: gives the true shapes of outputs, which many exports do not state. */
async function dryRun(model: Model, input: InputLayout, widthPx: number, heightPx: number): Promise<Output[]> {
  const grey: Picture = { data: new Uint8Array(widthPx * heightPx * 3).fill(GREY), widthPx, heightPx };
  const size = input.batch ?? 1;
  const normalise = input.type === 'uint8' ? NORMALISATIONS.none : NORMALISATIONS.unit;
  return runModel(model, input, new InputTensor(input, normalise, 'rgb').of([grey], size), grey, size);
}

async function runModel(model: Model, { name }: InputLayout, tensor: Tensor, picture: Picture, pictures: number): Promise<Output[]> {
  const others = model.inputs.filter((input) => input.name !== name);
  return readOutputs(model, await model.run({ [name]: tensor, ...extraFeeds(others, pictures, picture) }));
}

/** Where no layout fits: the model does something else, or the names are wrong where they alone rule every layout out. */
function layoutFor(facts: ModelFacts, { layout }: ObjectDetectionConfig): ChosenLayout {
  try {
    return chooseLayout(facts, layout);
  } catch (error) {
    const task = otherTaskOf(facts);
    if (task !== undefined) throw unfitModel(`the model looks like ${task}: ${errorText(error)}`, USE_A_DETECTOR);
    if (facts.nameCount === 0) throw error;
    const nameless = withoutNames(facts);
    if (nameless === undefined) throw error;
    throw wrongNames(
      `there are ${facts.nameCount} class names, but the model has ${nameless.classCount} classes (${nameless.why})`,
      'Give as many class names as the model has classes, in its order, or name its layout.',
    );
  }
}

function withoutNames(facts: ModelFacts): { readonly classCount: number; readonly why: string } | undefined {
  try {
    const nameless = { ...facts, nameCount: 0 };
    const { layout, why } = chooseLayout(nameless);
    const { classCount } = layout.bind(nameless, {});
    return classCount === undefined || classCount === facts.nameCount ? undefined : { classCount, why };
  } catch {
    return undefined;
  }
}

function assertNamesFit(names: readonly string[], { classCount }: Reader, layout: Layout): void {
  if (names.length === 0 || classCount === undefined || names.length === classCount) return;
  throw wrongNames(
    `there are ${names.length} class names, but the model has ${classCount} classes (read as ${layout.id})`,
    'Give as many class names as the model has classes, in its order.',
  );
}

function pixelsFor(
  { pixels }: Layout,
  input: InputLayout,
  { normalise, channelOrder }: ObjectDetectionConfig,
): [Normalisation, 'rgb' | 'bgr'] {
  const order = channelOrder ?? pixels.channelOrder;
  if (input.type === 'uint8') {
    if (normalise === undefined || normalise === 'none') return [NORMALISATIONS.none, order];
    throw unfitModel('the model takes bytes, which cannot be normalised', 'Leave out normalise for object-detection.');
  }
  const wanted = normalise ?? pixels.normalise;
  return [typeof wanted === 'string' ? NORMALISATIONS[wanted] : wanted, order];
}
