import { describe, expect, it } from 'vitest';
import { ptsUsToTicks } from '../../plugin-api/index.js';
import type { EpochSource, Picture } from './epoch-source.js';
import { framesOnShow } from './frames-on-show.js';

const FRAME_US = 40_000;

/** Segments of two seconds, each with a keyframe first; those named are not there. */
function source(fromFrame: number, toFrame: number, { without = [] as number[], isDecodable = true } = {}): EpochSource {
  const segments = [0, 1, 2, 3]
    .filter((sequence) => !without.includes(sequence))
    .map((sequence) => ({ sequence, ptsStartUs: sequence * 2_000_000, ptsEndUs: (sequence + 1) * 2_000_000 }));
  const picture = (index: number): Picture => {
    const ptsTicks = ptsUsToTicks(index * FRAME_US);
    return { ptsTicks, dtsTicks: ptsTicks, keyframe: isDecodable && index % 50 === 0, broken: false, data: Buffer.alloc(0) };
  };
  const epoch = { epochId: 'e', fromPtsUs: fromFrame * FRAME_US, toPtsUs: toFrame * FRAME_US, segments };
  async function* units(isWanted: (segment: (typeof segments)[number]) => boolean) {
    for (const segment of segments.filter(isWanted))
      yield { video: { codec: 'h264', units: Array.from({ length: 50 }, (_, i) => picture(segment.sequence * 50 + i)) } };
  }
  return { epoch, units } as unknown as EpochSource;
}

const shown = async (of: EpochSource): Promise<number[]> => {
  const { firstTicks, lastTicks } = await framesOnShow(of);
  return [firstTicks, lastTicks].map((ticks) => ticks / ptsUsToTicks(FRAME_US));
};

describe(framesOnShow.name, () => {
  it.each([
    ['the very frames', 63, 120, {}, [63, 120]],
    ['those that began by then', 63.9, 120.1, {}, [63, 120]],
    ['a single one', 70, 70, {}, [70, 70]],
    ['across a seam of segments', 49.5, 50.5, {}, [49, 50]],
    ['the first after a gap, where nothing was on show', 60, 120, { without: [1] }, [100, 120]],
    ['the last before a gap', 20, 60, { without: [1] }, [20, 49]],
    ['the first there is', -10, 20, {}, [0, 20]],
    ['the last there is', 180, 900, {}, [180, 199]],
  ] as const)('are %s', async (_, from, to, options, expected) => {
    expect(await shown(source(from, to, { ...options, without: [...('without' in options ? options.without : [])] }))).toEqual(expected);
  });

  it('are none where nothing can be decoded, or nothing was on show', async () => {
    const none = { code: 'VD_CLIP_NO_PICTURE' };
    await expect(framesOnShow(source(0, 50, { isDecodable: false }))).rejects.toMatchObject(none);
    await expect(framesOnShow(source(60, 70, { without: [1] }))).rejects.toMatchObject(none);
  });
});
