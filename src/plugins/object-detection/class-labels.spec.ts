import { describe, expect, it } from 'vitest';
import type { ModelFiles } from 'vedette/plugin';
import { classLabels } from './class-labels.js';

const files = (metadata?: Record<string, string>, text?: string): ModelFiles => ({
  metadata: () => Promise.resolve(metadata),
  text: () => Promise.resolve(text),
});
const model = 'm.onnx';

describe(classLabels.name, () => {
  it.each([
    ['from the config', { model, names: ['cat', 'dog'] }, files(), ['cat', 'dog']],
    ['from the model', { model }, files({ names: "{0: 'cat', 1: 'dog'}" }), ['cat', 'dog']],
    ['from a file', { model, labels: 'l.txt' }, files({ names: "{0: 'x'}" }, 'cat\ndog\n'), ['cat', 'dog']],
    ['as far as they are asked for', { model, only: ['dog', 'hen'] }, files({ names: "['cat', 'dog']" }), ['dog']],
    ['not of a model without names', { model }, files({}), undefined],
    ['not where the files are not', { model, labels: 'l.txt' }, files(), undefined],
  ])('knows them %s', async (_, config, models, labels) => {
    expect(await classLabels(config, models)).toEqual(labels);
  });
});
