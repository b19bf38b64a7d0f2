import { describe, expect, it } from 'vitest';
import type { Frame, Model, Tensor } from 'vedette/plugin';
import { alphabetOf } from './characters.js';
import { decode, TextReader } from './text-reader.js';

const any = { alphabet: 'any', allow: undefined } as const;
const alphabet = alphabetOf(['a', 'b', '!', '中'], any);
/** Slices by their likeliest classes: 0 is the blank, 5 the space. */
const slices = (...classes: readonly number[]): Float32Array =>
  Float32Array.from(
    classes.flatMap((likely) => Array.from({ length: 6 }, (_, index) => (index === likely ? 0.8 : index === 1 ? 0.1 : 0.025))),
  );

describe(decode.name, () => {
  it('leaves out blanks and repetitions, and keeps letters that a blank parts', () => {
    expect(decode(slices(0, 1, 1, 0, 1, 2, 2, 5, 5, 3), alphabet)).toEqual({ text: 'aab !', score: expect.closeTo(0.8) });
  });

  it('reads nothing as nothing, and spaces at the ends as none', () => {
    expect(decode(slices(0, 0), alphabet)).toEqual({ text: '', score: 0 });
    expect(decode(slices(5, 0, 5), alphabet)).toEqual({ text: '', score: 0 });
    expect(decode(slices(5, 2, 5), alphabet).text).toBe('b');
  });

  it('reads a space that a blank all but hides', () => {
    const hidden = slices(1, 0, 2);
    hidden[6 + 5] = 0.06;
    expect(decode(hidden, alphabet).text).toBe('a b');
    hidden[6 + 5] = 0.04;
    expect(decode(hidden, alphabet).text).toBe('ab');
  });

  it('takes the likeliest of the characters that it may', () => {
    const only = alphabetOf(['a', 'b', '!', '中'], { alphabet: 'any', allow: 'a' });
    expect(decode(slices(1, 0, 2), only)).toEqual({ text: 'aa', score: expect.closeTo(0.45) });
    expect(decode(slices(4, 0, 2), alphabetOf(['a', 'b', '!', '中'], { alphabet: 'latin', allow: undefined })).text).toBe('ab');
  });
});

describe(alphabetOf.name, () => {
  it('writes wide forms plainly', () => {
    expect(alphabetOf(['：', 'Ａ'], any).written).toEqual(['', ':', 'A', ' ']);
    expect(alphabetOf(['：', 'Ａ'], { alphabet: 'any', allow: ':' }).allowed).toEqual([0, 1, 3]);
  });

  it('refuses characters that cannot be read', () => {
    expect(() => alphabetOf(['a'], { alphabet: 'any', allow: 'aß' })).toThrow(
      expect.objectContaining({ code: 'VD_TEXT_UNREADABLE_CHARACTERS', message: expect.stringContaining('"ß"') }),
    );
  });
});

describe(TextReader.name, () => {
  const frame = { widthPx: 200, heightPx: 50, data: new Uint8Array(200 * 50 * 3).fill(200) } as unknown as Frame;
  const line = (length: number) => ({ centre: { x: 100, y: 25 }, along: { x: 1, y: 0 }, halfLength: length / 2, halfHeight: 10 });
  /** Answers with as many letters `b` as the strip has multiples of 32 pixels. */
  const modelThat = (classes: number, seen: number[][]): Model =>
    ({
      path: 'rec.onnx',
      inputs: [{ name: 'x', type: 'float32', dims: [] }],
      outputs: [{ name: 'y', type: 'float32', dims: [] }],
      run: ({ x }: Readonly<Record<string, Tensor>>) => {
        seen.push([...x!.dims]);
        const [lines = 0, , , widthPx = 0] = x!.dims;
        const data = slices(...Array.from({ length: (lines * widthPx) / 32 }, () => [2, 0]).flat());
        return Promise.resolve({ y: { type: 'float32', dims: [lines, widthPx / 16, classes], data } });
      },
    }) as unknown as Model;

  it('reads lines of one width together, and gives their texts in order', async () => {
    const seen: number[][] = [];
    const readings = await new TextReader(modelThat(6, seen), alphabet).read(frame, [line(60), line(120), line(58)]);
    expect(seen).toEqual([
      [2, 3, 48, 160],
      [1, 3, 48, 288],
    ]);
    expect(readings.map(({ text }) => text)).toEqual(['bbbbb', 'bbbbbbbbb', 'bbbbb']);
  });

  it('refuses a network whose answers are of another alphabet', async () => {
    await expect(new TextReader(modelThat(7, []), alphabet).read(frame, [line(60)])).rejects.toMatchObject({
      code: 'VD_TEXT_UNFIT_NETWORK',
    });
  });
});
