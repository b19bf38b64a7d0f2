import { unfitModel } from '../errors.js';
import type { Output } from '../tensor-values.js';
import { shapeOf } from './evidence.js';
import type { ModelFacts } from './layout.js';

/** Says what a layout that config asks for would need. */
export const doesNotFit = (facts: ModelFacts, wanted: string): Error =>
  unfitModel(
    `the model has no ${wanted}; its outputs are ${facts.outputs.map((output) => `${output.name} ${shapeOf(output)}`).join(', ')}`,
    'Leave out layout for object-detection, or choose one that fits.',
  );

/**
 * The first output of rank 3 that will do.
 * @throws VD_DETECTION_UNFIT_MODEL
 */
export function tableWith(facts: ModelFacts, fits: (output: Output) => boolean, shape: string): Output {
  const table = facts.outputs.find((output) => output.dims.length === 3 && fits(output));
  if (table === undefined) throw doesNotFit(facts, `output of the shape ${shape}`);
  return table;
}

/** The same output in a later run. */
export function outputOf(outputs: readonly Output[], known: Output): Output {
  const output = outputs.find(({ name }) => name === known.name);
  const changed = output?.dims.length !== known.dims.length;
  if (output === undefined || changed)
    throw unfitModel(`the model's output ${known.name} has another shape than before`, 'Export the model again.');
  return output;
}
