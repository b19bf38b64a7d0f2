import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { background, clipOfSound, MIX_RATE_HZ, mixed, type Stretch } from '../support/sound/background.js';
import { syntheticVoice } from '../support/sound/synthetic-voice.js';
import { watchFilm, type Watched } from '../support/visual/watch-film.js';

const SECONDS = 16;
/** The second lasts over three joins of segments. */
const SPOKEN: readonly Stretch[] = [
  { fromS: 1.3, toS: 3.1 },
  { fromS: 7.6, toS: 12.4 },
];
const WITHIN_S = 0.25;

describe('speech in a stream', () => {
  let folder: string;

  beforeAll(async () => (folder = await mkdtemp(join(tmpdir(), 'vedette-speech-'))));
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const hear = async (name: string, sound: Float32Array): Promise<Watched> => {
    const clip = join(folder, `${name}.ts`);
    await clipOfSound(clip, sound);
    return watchFilm(clip, folder, ({ definition }) => definition.id === 'visual-analysis.speech');
  };
  const speech = (): Float32Array => {
    const sound = new Float32Array(SECONDS * MIX_RATE_HZ);
    for (const { fromS, toS } of SPOKEN) sound.set(syntheticVoice(toS - fromS, MIX_RATE_HZ), Math.round(fromS * MIX_RATE_HZ));
    return sound;
  };

  it.each(['pink noise', 'music'] as const)('is told from %s 10 dB below it, over the joins of segments', async (under) => {
    const { events, metric } = await hear(under, mixed(speech(), await background(under, SECONDS), SPOKEN, 10));
    expect(events.map(({ name }) => name)).toEqual(['speech', 'speech']);
    for (const [i, { fromS, toS }] of SPOKEN.entries()) {
      expect(Math.abs(events[i]!.fromS - fromS)).toBeLessThan(WITHIN_S);
      expect(Math.abs(events[i]!.toS - toS)).toBeLessThan(WITHIN_S);
    }
    const shares = metric('speech');
    expect(shares.map(({ atS }) => Math.round(atS))).toEqual(Array.from({ length: SECONDS - 1 }, (_, i) => i + 1));
    for (const { atS, value } of shares) {
      const truth = SPOKEN.reduce((sum, { fromS, toS }) => sum + Math.max(0, Math.min(toS, atS) - Math.max(fromS, atS - 1)), 0);
      expect(Math.abs(value - truth), `second that ends at ${atS}`).toBeLessThan(WITHIN_S);
    }
  });

  it.each(['pink noise', 'music'] as const)('is not heard in %s alone', async (under) => {
    const { events, metric } = await hear(`${under} alone`, await background(under, SECONDS));
    expect(events).toEqual([]);
    expect(metric('speech').every(({ value }) => value === 0)).toBe(true);
  });
});
