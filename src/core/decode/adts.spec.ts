import { describe, expect, it } from 'vitest';
import { AccessUnit } from './segment/index.js';
import { parseAdts, type AdtsFrame } from './adts.js';
import { followsTail, planSound, soundTail } from './sound-plan.js';

const FRAME_TICKS = 1920; // 1024 samples at 48 kHz

/** An ADTS frame of `size` bytes at 48 kHz whose payload cannot be taken for a header. */
function frame(size: number, rateIndex = 3): Buffer {
  const bytes = Buffer.alloc(size, 0x11);
  bytes.set([0xff, 0xf1, 0x40 | (rateIndex << 2), 0x80 | (size >> 11), (size >> 3) & 0xff, ((size & 7) << 5) | 0x1f, 0xfc]);
  return bytes;
}

const unit = (ptsTicks: number, data: Buffer, broken = false): AccessUnit =>
  new AccessUnit(data, [0, data.length], ptsTicks, ptsTicks, true, broken);
const sizes = (frames: readonly AdtsFrame[]): number[] => frames.map(({ data }) => data.length);

describe(parseAdts.name, () => {
  it('finds every frame of a packet and counts the clock on from its first', () => {
    const { frames, cut, strayBytes } = parseAdts([unit(9000, Buffer.concat([frame(30), frame(40), frame(50)]))]);
    expect(frames.map(({ data, ptsTicks }) => [data.length, ptsTicks])).toEqual([
      [30, 9000],
      [40, 9000 + FRAME_TICKS],
      [50, 9000 + 2 * FRAME_TICKS],
    ]);
    expect({ cut, strayBytes }).toEqual({ cut: 0, strayBytes: 0 });
  });

  it.each([3, 10, 25])(
    'puts a frame together that goes on in the next packet (after %i bytes), whose pts is of the frame that begins there',
    (at) => {
      const split = frame(30);
      const { frames, cut } = parseAdts([
        unit(0, Buffer.concat([frame(20), split.subarray(0, at)])),
        unit(5000, Buffer.concat([split.subarray(at), frame(40)])),
      ]);
      expect(frames.map(({ data, ptsTicks }) => [data.length, ptsTicks])).toEqual([
        [20, 0],
        [30, FRAME_TICKS],
        [40, 5000],
      ]);
      expect(cut).toBe(0);
    },
  );

  it('finds its way back after bytes that are no frame, and counts them', () => {
    const { frames, strayBytes } = parseAdts([unit(0, Buffer.concat([Buffer.from([1, 2, 0xff, 0xf1, 3]), frame(30), frame(40)]))]);
    expect(sizes(frames)).toEqual([30, 40]);
    expect(strayBytes).toBe(5);
  });

  it('does not trust a packet of which a part is missing, nor joins across it', () => {
    const split = frame(30);
    const { frames, cut } = parseAdts([
      unit(0, split.subarray(0, 20)),
      unit(5000, Buffer.concat([frame(40), frame(41)]), true),
      unit(9000, frame(42)),
    ]);
    expect(frames.map(({ data, intact }) => [data.length, intact])).toEqual([
      [40, false],
      [41, false],
      [42, true],
    ]);
    expect(cut).toBe(1);
  });

  it('counts a frame that the segment cuts off', () => {
    expect(parseAdts([unit(0, Buffer.concat([frame(20), frame(30).subarray(0, 12)]))])).toMatchObject({ cut: 1, frames: [{}] });
  });

  it('stops at more frames than a segment can mean', () => {
    const many = Buffer.concat(Array.from({ length: 1000 }, () => frame(8)));
    const { frames, tooMany } = parseAdts(Array.from({ length: 40 }, (_, i) => unit(i, many)));
    expect(frames).toHaveLength(30_000);
    expect(tooMany).toBe(true);
  });

  it('reads any bytes to their end', () => {
    let state = 1;
    const noise = Buffer.alloc(50_000).map(
      () => ((state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) >>> 24) | (state & 0x70 ? 0 : 0xff),
    );
    const { frames, strayBytes } = parseAdts([unit(0, Buffer.from(noise)), unit(0, Buffer.from(noise))]);
    expect(frames.reduce((sum, { data }) => sum + data.length, 0) + strayBytes).toBeGreaterThan(80_000);
  });
});

describe(planSound.name, () => {
  const segment = { ptsStartUs: 10_000_000, ptsEndUs: 12_000_000 };
  const parsed = (stamps: readonly number[]) => parseAdts(stamps.map((ticks) => unit(ticks, frame(30))));
  const start = 900_000;

  it('counts samples, however the stamps jitter', () => {
    const jitter = [0, 80, -80, 40, -40, 0];
    const { runs, misplaced } = planSound(parsed(jitter.map((late, i) => start + i * FRAME_TICKS + late)), segment);
    expect(runs.map(({ frames, startTicks }) => [frames.length, startTicks])).toEqual([[6, start]]);
    expect(misplaced).toBe(0);
  });

  it('begins anew where the clock jumps by more than a frame', () => {
    const later = start + 2 * FRAME_TICKS + 5000;
    const { runs } = planSound(parsed([start, start + FRAME_TICKS, later, later + FRAME_TICKS]), segment);
    expect(runs.map(({ frames, startTicks }) => [frames.length, startTicks])).toEqual([
      [2, start],
      [2, later],
    ]);
  });

  it('begins anew before stamps have strayed from the count of samples by more than two frames', () => {
    const { runs } = planSound(parsed(Array.from({ length: 40 }, (_, i) => start + i * (FRAME_TICKS + 400))), segment);
    expect(runs.length).toBeGreaterThan(1);
    expect(runs.reduce((sum, { frames }) => sum + frames.length, 0)).toBe(40);
  });

  it('leaves out what is of another time, and what goes back', () => {
    const { runs, misplaced } = planSound(parsed([start, start + 3_000_000, start + FRAME_TICKS, start - 9000]), segment);
    expect(runs.map(({ frames }) => frames.length)).toEqual([2]);
    expect(misplaced).toBe(2);
  });

  it('goes on past the 33 bits of the clock', () => {
    const wrapped = { ptsStartUs: ((2 ** 33 - 1000) * 100) / 9, ptsEndUs: ((2 ** 33 + 5000) * 100) / 9 };
    const { runs } = planSound(parsed([2 ** 33 - 1000, 2 ** 33 - 1000 + FRAME_TICKS - 2 ** 33]), wrapped);
    expect(runs.map(({ frames, startTicks }) => [frames.length, Math.round(startTicks)])).toEqual([[2, 2 ** 33 - 1000]]);
  });
});

describe(soundTail.name, () => {
  const tailOf = (units: readonly AccessUnit[]) => soundTail(parseAdts(units), 0);
  const next = (ptsTicks: number, rateIndex = 3) =>
    planSound(parseAdts([unit(ptsTicks, frame(30, rateIndex))]), { ptsStartUs: 0, ptsEndUs: 1_000_000 }).runs[0]!;

  it('is the last two frames, and more where replicated bands take longer to come back', () => {
    expect(sizes(tailOf([unit(0, Buffer.concat([frame(20), frame(21), frame(22)]))]).frames)).toEqual([21, 22]);
    expect(tailOf([unit(0, Buffer.concat(Array.from({ length: 40 }, () => frame(20, 6))))]).frames).toHaveLength(24);
  });

  it('is followed by sound that begins where it ends, and by no other', () => {
    const tail = tailOf([unit(0, Buffer.concat([frame(20), frame(21)]))]);
    expect(tail.endTicks).toBe(2 * FRAME_TICKS);
    expect(followsTail(tail, next(2 * FRAME_TICKS + 90))).toBe(true);
    expect(followsTail(tail, next(4 * FRAME_TICKS + 90))).toBe(false);
    expect(followsTail(tail, next(2 * FRAME_TICKS, 4))).toBe(false);
  });

  it('is none where the sound ended in a hole', () => {
    expect(tailOf([unit(0, frame(20)), unit(FRAME_TICKS, frame(21), true)]).frames).toEqual([]);
    expect(tailOf([unit(0, Buffer.concat([frame(20), frame(21).subarray(0, 12)]))]).frames).toEqual([]);
    expect(tailOf([]).frames).toEqual([]);
  });
});
