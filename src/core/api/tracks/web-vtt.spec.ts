import { describe, expect, it } from 'vitest';
import { webVtt } from './web-vtt.js';

const cue = (startUs: number, endUs: number, text = 'x') => ({ id: 'a', startUs, endUs, text });
const times = (text: string): string[] => text.split('\n').filter((line) => line.includes(' --> '));

describe(webVtt.name, () => {
  it('maps its times to the 33 bits of the transport clock, whatever the pts', () => {
    const mapOf = (ptsUs: number, localUs: number): string => webVtt([], { ptsUs, localUs }).split('\n')[1]!;
    expect(mapOf(1_400_000, 0)).toBe('X-TIMESTAMP-MAP=MPEGTS:126000,LOCAL:00:00:00.000');
    expect(mapOf(Math.ceil(2 ** 33 / 0.09) + 1_000_000, 3_661_001_000)).toBe('X-TIMESTAMP-MAP=MPEGTS:90000,LOCAL:01:01:01.001');
    expect(mapOf(-1_000_000, 0)).toBe(`X-TIMESTAMP-MAP=MPEGTS:${2 ** 33 - 90_000},LOCAL:00:00:00.000`);
  });

  it('has cues in order, each long enough to be read, after a hundred hours too', () => {
    const text = webVtt([cue(360_000_000_000, 360_000_000_000), cue(0, 2_500_000)], { ptsUs: 0, localUs: 0 });
    expect(times(text)).toEqual(['00:00:00.000 --> 00:00:02.500', '100:00:00.000 --> 100:00:01.000']);
  });

  it('has no empty cue, and no line that ends one', () => {
    const text = webVtt([cue(0, 1, ''), cue(0, 1, 'a\r\n\r\nb'), cue(0, 1, '-->')], { ptsUs: 0, localUs: 0 });
    expect(
      text
        .split('\n\n')
        .slice(1)
        .map((block) => block.trimEnd().split('\n').slice(2)),
    ).toEqual([['…'], ['a b'], ['…']]);
  });
});
