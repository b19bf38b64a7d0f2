import { describe, expect, it } from 'vitest';
import type { Finding } from './provider.js';
import { mapFindings } from './results.js';

const box = { x: 0.25, y: 0.25, width: 0.5, height: 0.5 };
const detection = (more: Partial<Finding> = {}): Finding => ({ task: 'object', kind: 'detection', name: 'Car', score: 0.9, box, ...more });
const map = (findings: readonly Finding[], more: Partial<Parameters<typeof mapFindings>[2]> = {}) =>
  mapFindings(findings, 40_000, { minScore: 0.5, labels: [], rename: {}, ...more });

describe(mapFindings.name, () => {
  it('makes a result of each kind, at the picture’s time', () => {
    expect(
      map([
        detection(),
        { task: 'label', kind: 'classification', name: 'street', score: 0.8 },
        { task: 'text', kind: 'text', name: ' EXIT ' },
        { task: 'visual-quality', kind: 'metric', name: 'noise', value: -1.5, unit: 'dB' },
      ]),
    ).toEqual({
      unusable: 0,
      results: [
        { type: 'detection', ptsUs: 40_000, label: 'Car', score: 0.9, box },
        { type: 'classification', ptsUs: 40_000, data: { label: 'street', score: 0.8 } },
        { type: 'text', ptsUs: 40_000, data: { text: 'EXIT' } },
        { type: 'metric', ptsUs: 40_000, name: 'noise', value: -1.5, unit: 'dB' },
      ],
    });
  });

  it.each<[string, Partial<Finding>]>([
    ['a score above 1', { score: 1.01 }],
    ['a score below 0', { score: -0.1 }],
    ['NaN for a score', { score: Number.NaN }],
    ['a score in words', { score: 'high' }],
    ['no score', { score: undefined }],
    ['no box', { box: undefined }],
    ['a box of text', { box: { ...box, x: '0.1' } }],
    ['an endless box', { box: { ...box, width: Number.POSITIVE_INFINITY } }],
    ['a box outside', { box: { x: 3, y: 3, width: 1, height: 1 } }],
    ['an empty name', { name: ' \u0000 ' }],
    ['a name that goes on', { name: 'x'.repeat(257) }],
    ['no name', { name: undefined }],
    ['a metric that is no number', { kind: 'metric', value: Number.NaN, unit: 'px' }],
    ['a metric without unit', { kind: 'metric', value: 1 }],
    ['a text that is none', { kind: 'text', name: {} }],
    ['a text of an odd certainty', { kind: 'text', name: 'x', score: 2 }],
  ])('has no use for %s', (_, more) => expect(map([detection(more)])).toEqual({ results: [], unusable: 1 }));

  it('clamps boxes to the picture', () => {
    expect(map([detection({ box: { x: -0.5, y: 0.75, width: 1, height: 1 } })]).results).toMatchObject([
      { box: { x: 0, y: 0.75, width: 0.5, height: 0.25 } },
    ]);
  });

  it('drops what is below the score that is wanted, which is no flaw', () => {
    expect(
      map([
        detection({ score: 0.49 }),
        { task: 'label', kind: 'classification', name: 'a', score: 0.1 },
        { task: 'text', kind: 'text', name: 'a', score: 0.2 },
      ]),
    ).toEqual({ results: [], unusable: 0 });
  });

  it('renames, then keeps to the list, in the list’s spelling', () => {
    const rename = { Automobile: 'car', __proto__: 'x' };
    const { results } = map(
      [detection({ name: 'Automobile' }), detection({ name: 'CAR' }), detection({ name: 'Dog' }), detection({ name: 'constructor' })],
      { labels: ['Car'], rename },
    );
    expect(results.map((one) => (one.type === 'detection' ? one.label : ''))).toEqual(['Car', 'Car']);
  });

  it('cuts texts and floods, and mends what no database takes', () => {
    const { results } = map([{ task: 'text', kind: 'text', name: `\u0000a\ud800${'x'.repeat(9_000)}` }]);
    const [text] = results;
    expect(text?.type === 'text' ? String(text.data.text) : '').toMatch(/^a\ufffdx+$/);
    expect(text?.type === 'text' ? String(text.data.text).length : 0).toBe(4_000);
    const flood = map(Array.from({ length: 2_000 }, () => detection()));
    expect([flood.results.length, flood.unusable]).toEqual([500, 1_500]);
  });
});
