import { describe, expect, it } from 'vitest';
import { namesInMetadata, parseClassNames, parseLabels } from './class-names.js';

describe(parseClassNames.name, () => {
  it.each([
    ["{0: 'person', 1: 'traffic light', 2: \"dog's bowl\"}", ['person', 'traffic light', "dog's bowl"]],
    ['["cat", "dog"]', ['cat', 'dog']],
    ['{"0": "cat", "1": "dog"}', ['cat', 'dog']],
    ["{1: 'b'}", ['class 0', 'b']],
    ['nonsense', []],
    ['{"__proto__": "x"}', []],
    ["{99999999: 'x'}", []],
    [undefined, []],
  ])('reads %s', (text, names) => {
    expect(parseClassNames(text)).toEqual(names);
  });
});

describe(namesInMetadata.name, () => {
  it('finds them under the keys that exporters use', () => {
    expect(namesInMetadata({ classes: '["a"]' })).toEqual(['a']);
    expect(namesInMetadata({ id2label: '{"0": "a", "1": "b"}', names: 'nonsense' })).toEqual(['a', 'b']);
    expect(namesInMetadata({})).toEqual([]);
  });
});

describe(parseLabels.name, () => {
  it.each([
    ['one per line', 'person\n bicycle \r\ntraffic light\n\n', ['person', 'bicycle', 'traffic light']],
    ['with a byte order mark', '\uFEFFperson\ncar', ['person', 'car']],
    ['as JSON', '["person", "car"]', ['person', 'car']],
    ['as a Python dict', "{0: 'person', 1: 'car'}", ['person', 'car']],
    ['as a configuration of transformers', '{"id2label": {"0": "person", "1": "car"}}', ['person', 'car']],
  ])('reads them %s', (_, text, names) => {
    expect(parseLabels(text, 'coco.txt')).toEqual(names);
  });

  it.each(['', '\n\n', '{}', 'person\n\ncar', Array.from({ length: 10_001 }, () => 'x').join('\n')])('refuses %j', (text) => {
    expect(() => parseLabels(text, 'coco.txt')).toThrow(
      expect.objectContaining({ code: 'VD_DETECTION_WRONG_NAMES', message: expect.stringContaining('coco.txt') }),
    );
  });
});
