import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OddStreamBench } from '../integration/media/odd-streams/odd-stream-bench.js';
import { until } from '../support/until.js';
import { ObsStudio } from './obs-studio.js';

let bench: OddStreamBench;
beforeAll(async () => {
  bench = await OddStreamBench.start();
});
afterAll(() => bench.stop());

describe('OBS Studio', () => {
  it.each([
    ['at its defaults', undefined],
    ['with a keyframe every 2 s', 2],
  ])('%s loses nothing that it sends', async (name, keyframeSeconds) => {
    const door = await bench.door(name.replaceAll(' ', '-'));
    const server = `rtmp://127.0.0.1:${bench.listener.port}/live`;
    const obs = await ObsStudio.start({ server, key: door.key, ...(keyframeSeconds !== undefined && { keyframeSeconds }) });
    try {
      await until('the stream to be live', async () => (await bench.state(door)).state === 'live', 30_000);
      await until('20 s of it', async () => (await bench.account(door)).video >= 400, 60_000);
    } catch (error) {
      throw new Error(`OBS said: ${obs.said.join('').slice(-4000)}`, { cause: error });
    } finally {
      await obs.stop();
    }
    await until('its end', async () => (await bench.account(door)).open === 0);
    expect((await bench.epochs(door)).map(({ endReason }) => endReason)).toHaveLength(1);
    expect(await bench.gaps(door)).toEqual({});
  });
});
