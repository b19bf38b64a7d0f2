import { describe, expect, it } from 'vitest';
import { evaluate } from './evaluate.js';

const line = (text: string, x = 0, y = 0) => ({ text, box: [x, y, x + 100, y + 20] as const });

describe(evaluate.name, () => {
  it('counts words to the letter and characters by edits', () => {
    const figures = evaluate([{ truth: [line('Head Coach')], claims: [line('Head Goach')] }]);
    expect(figures).toEqual({ characterAccuracy: 0.9, wordPrecision: 0.5, wordRecall: 0.5, wordF1: 0.5 });
  });

  it('puts the words of one line together, wherever the reader parted it', () => {
    const words = [line('Coach', 60), { ...line('Head'), box: [0, 0, 50, 20] as const }];
    expect(evaluate([{ truth: [{ ...line('Head Coach'), box: [0, 0, 160, 20] as const }], claims: words }])).toMatchObject({
      characterAccuracy: 1,
      wordF1: 1,
    });
  });

  it('holds what is not there against the reader, and what it reads elsewhere is no reading of a line', () => {
    const figures = evaluate([{ truth: [line('Live')], claims: [line('Live', 0, 300), line('II')] }]);
    expect(figures).toMatchObject({ characterAccuracy: 0, wordPrecision: 0.5, wordRecall: 1 });
  });
});
