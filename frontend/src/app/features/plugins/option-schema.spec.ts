import { describe, expect, it } from 'vitest';
import { controlOf, defaultOf, optionTitle, type OptionSchema } from './option-schema';

describe(controlOf.name, () => {
  it.each([
    ['checkbox', { type: 'boolean' }],
    ['number', { type: 'integer', minimum: 1 }],
    ['text', { type: 'string' }],
    ['select', { type: 'string', enum: ['a', 'b'] }],
    ['lines', { type: 'array', items: { type: 'string' } }],
    ['group', { type: 'object', properties: { level: { type: 'number' } } }],
    ['json', { type: 'object', properties: { inner: { type: 'object', properties: {} } } }],
    ['json', { type: 'array', items: { type: 'object' } }],
    ['json', { anyOf: [{ type: 'string' }, { type: 'object' }] }],
  ] as [string, object][])('is %s for %o', (control, schema) => {
    expect(controlOf(schema as OptionSchema)).toBe(control);
  });
});

describe(defaultOf.name, () => {
  it('fills a group with the defaults of what is in it', () => {
    const schema = {
      type: 'object',
      default: {},
      properties: { share: { type: 'number', default: 0.98 }, min: { type: 'number' }, lasts: { type: 'string', default: '2s' } },
    };
    expect(defaultOf(schema)).toEqual({ share: 0.98, lasts: '2s' });
  });
});

describe(optionTitle.name, () => {
  it.each([
    ['minScore', 'Min score'],
    ['widthPx', 'Width (px)'],
    ['maxBitrateKbps', 'Max bitrate (kbit/s)'],
    ['fps', 'Frames per second'],
    ['sha256', 'Sha256'],
  ])('makes of %s "%s"', (key, title) => {
    expect(optionTitle(key)).toBe(title);
  });
});
