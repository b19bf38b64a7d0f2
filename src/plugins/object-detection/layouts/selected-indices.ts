import { unknownLayout } from '../errors.js';
import type { Output } from '../tensor-values.js';
import { cornersAt, readList, rowsOf } from './candidates.js';
import { plainName, shapeOf } from './evidence.js';
import { RGB_UNIT, type Layout, type ModelFacts, type Told } from './layout.js';
import { doesNotFit, outputOf } from './table.js';

interface Selection {
  readonly boxes: Output;
  readonly scores: Output;
  readonly indices: Output;
}

const isInteger = ({ type }: Output): boolean => type === 'int32' || type === 'int64';

/** Indices `[n, 3]` (some write `[1, n, 3]`) of picture, class and box; boxes `[batch, n, 4]`; scores `[batch, classes, n]`. */
function selectionIn({ outputs }: ModelFacts): Selection | undefined {
  const indices = outputs.find((output) => isInteger(output) && output.dims.at(-1) === 3 && output.dims.length >= 2);
  const tables = outputs.filter((output) => output !== indices && output.dims.length === 3);
  const boxes = tables.find(({ dims }) => dims[2] === 4);
  const scores = tables.find((table) => table !== boxes && table.dims[2] === boxes?.dims[1]);
  return indices && boxes && scores && { indices, boxes, scores };
}

function formatOf(facts: ModelFacts, told: Told): Required<Pick<Told, 'boxFormat' | 'boxUnits'>> {
  const takesShape = facts.inputNames.some((name) => plainName(name) === 'image_shape');
  const boxFormat = told.boxFormat ?? (takesShape ? 'yxyx' : undefined);
  if (boxFormat !== undefined) return { boxFormat, boxUnits: told.boxUnits ?? 'pixels' };
  throw unknownLayout(
    'the model selects boxes by NonMaxSuppression, and how it writes them cannot be seen',
    'Set boxFormat for object-detection: xyxy, yxyx, xywh or cxcywh (and boxUnits: normalised, where they are 0..1).',
  );
}

export const selectedIndices: Layout = {
  id: 'nms-indices',
  title: 'NonMaxSuppression as the last step: boxes, scores [batch, classes, candidates] and the selected indices [n, 3]',
  pixels: RGB_UNIT,
  isFinal: true,
  matches(facts) {
    const found = selectionIn(facts);
    return (
      found && {
        strength: 3,
        why: `its outputs are boxes ${shapeOf(found.boxes)}, scores ${shapeOf(found.scores)} and indices ${shapeOf(found.indices)}`,
      }
    );
  },
  bind(facts, told) {
    const known = selectionIn(facts);
    if (known === undefined) throw doesNotFit(facts, 'outputs boxes, scores and selected indices [n, 3]');
    const { boxFormat, boxUnits } = formatOf(facts, told);
    const box = { format: boxFormat!, units: boxUnits!, widthPx: facts.widthPx, heightPx: facts.heightPx };
    const classOffset = told.classOffset ?? 0;
    return {
      classCount: known.scores.dims[1]! - classOffset,
      classOffset,
      how: `boxes ${box.format}, ${box.units}`,
      read(outputs, picture, minScore) {
        const boxes = rowsOf(outputOf(outputs, known.boxes), picture);
        const scores = outputOf(outputs, known.scores);
        const { values: indices } = outputOf(outputs, known.indices);
        const [, classes = 0, candidates = 0] = scores.dims;
        const mine: { readonly label: number; readonly at: number }[] = [];
        for (let row = 0; row + 2 < indices.length; row += 3) {
          const [of, label, at] = [indices[row]!, indices[row + 1]!, indices[row + 2]!];
          if (of === picture && label >= 0 && label < classes && at >= 0 && at < Math.min(candidates, boxes.count))
            mine.push({ label, at });
        }
        const list = {
          count: mine.length,
          scoreAt: (index: number) => scores.values[(picture * classes + mine[index]!.label) * candidates + mine[index]!.at]!,
          classAt: (index: number) => mine[index]!.label,
        };
        return readList((index) => cornersAt(boxes, mine[index]!.at, box), list, classOffset, minScore);
      },
    };
  },
};
