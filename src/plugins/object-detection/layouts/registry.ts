import { unknownLayout } from '../errors.js';
import { rtDetr, ssdLists, torchvision } from './boxes-labels-scores.js';
import { counted } from './counted.js';
import { detr, detrMasked, rfDetr } from './detr.js';
import { detrTable } from './detr-table.js';
import { endToEnd } from './end-to-end.js';
import { shapeOf } from './evidence.js';
import { nmsFlat, nmsFlatV7 } from './flat.js';
import type { Layout, ModelFacts } from './layout.js';
import { selectedIndices } from './selected-indices.js';
import { ssd } from './ssd.js';
import { tensorflow } from './tensorflow.js';
import { yoloNas } from './yolo-nas.js';
import { yoloV5 } from './yolo-v5.js';
import { yoloV8 } from './yolo-v8.js';
import { yolox } from './yolox.js';

/** Every layout, under the name that config may ask for it by. */
export const LAYOUTS: readonly Layout[] = [
  yoloV8,
  yoloV5,
  yolox,
  endToEnd,
  yoloNas,
  rtDetr,
  detrTable,
  detr,
  detrMasked,
  rfDetr,
  ssd,
  ssdLists,
  tensorflow,
  torchvision,
  counted,
  nmsFlat,
  nmsFlatV7,
  selectedIndices,
];

export interface ChosenLayout {
  readonly layout: Layout;
  readonly why: string;
}

/**
 * The layout the model speaks: the one config names, or the only one that fits best.
 * @throws VD_DETECTION_UNKNOWN_LAYOUT with everything that was seen
 */
export function chooseLayout(facts: ModelFacts, wanted?: string): ChosenLayout {
  if (wanted !== undefined) return { layout: LAYOUTS.find(({ id }) => id === wanted)!, why: 'config says so' };
  const matches = LAYOUTS.flatMap((layout) => {
    const match = layout.matches(facts);
    return match ? [{ layout, ...match }] : [];
  }).sort((a, b) => b.strength - a.strength);
  const [best, second] = matches;
  if (best === undefined) throw unknownLayout(`no layout fits the model: ${seenIn(facts)}`, CHOOSE);
  if (second?.strength !== best.strength) return best;
  const rivals = matches.filter(({ strength }) => strength === best.strength).map(({ layout }) => layout.id);
  throw unknownLayout(`the model could speak ${rivals.join(' or ')}: ${seenIn(facts)}`, CHOOSE);
}

const CHOOSE =
  'Set layout for object-detection to the one the model was exported with; where none fits, export it in one of those. Class names ' +
  '(names or labels) help to tell layouts apart.';

const MAX_METADATA_CHARS = 80;

/** Names, shapes and metadata, for whoever must tell. */
function seenIn({ inputNames, outputs, metadata, nameCount, widthPx, heightPx }: ModelFacts): string {
  const given = outputs.map((output) => `${output.name} ${output.type}${shapeOf(output)}`).join(', ');
  const notes = Object.entries(metadata).map(([key, value]) => `${key}=${value.slice(0, MAX_METADATA_CHARS)}`);
  return (
    `inputs ${inputNames.join(', ')} for ${widthPx}x${heightPx} px; outputs ${given}; ` +
    `${nameCount} class names; metadata ${notes.join(', ') || 'none'}`
  );
}
