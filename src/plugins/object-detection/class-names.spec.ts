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
    ["['person', 'bicycle', 'car']", ['person', 'bicycle', 'car']],
    ["('person', 'bicycle', 'car',)", ['person', 'bicycle', 'car']],
    ["{'0': 'person', '1': 'bicycle'}", ['person', 'bicycle']],
    [`{0: 'driver\\'s "door"', 1: 'car'}`, [`driver's "door"`, 'car']],
    [`{0: "driver's door", 1: 'car'}`, ["driver's door", 'car']],
    ["{0: 'Fußgänger', 1: '自転車'}", ['Fußgänger', '自転車']],
    [`{0: '${'ä'.normalize('NFD')}', 1: u'\\u00e4 \\U0001F600'}`, ['ä', 'ä 😀']],
    ["{0: 'traffic\\xa0light', 1: ' car '}", ['traffic light', 'car']],
    [`{0: 'scale 1: "big"', 1: 'car'}`, ['scale 1: "big"', 'car']],
    ['{0: 0, 1: 1}', ['0', '1']],
    ["{0: '', 1: 'car'}", ['class 0', 'car']],
    ['None', []],
    ["{0: 'a', 1: None}", []],
    ["{0: 'a'", []],
    ["{0: ['a']}", []],
    ["__import__('os')", []],
  ])('reads %s', (text, names) => {
    expect(parseClassNames(text)).toEqual(names);
  });
});

describe(namesInMetadata.name, () => {
  it('finds them under the keys that exporters use', () => {
    expect(namesInMetadata({ classes: '["a"]' })).toEqual({ names: ['a'] });
    expect(namesInMetadata({ id2label: '{"0": "a", "1": "b"}', names: 'nonsense' })).toEqual({ names: ['a', 'b'] });
    expect(namesInMetadata({})).toEqual({ names: [] });
  });

  it('says what it could not read', () => {
    expect(namesInMetadata({ names: 'None', classes: 'a;b' })).toEqual({ names: [], unread: 'names=None' });
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
