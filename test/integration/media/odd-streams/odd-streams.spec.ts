import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Clips } from './clips.js';
import { OddStreamBench } from './odd-stream-bench.js';
import { change, moved, stepsOf, video, from, every, cut, nth, keyframe, shown, audio } from './steps.js';

let clips: Clips;
let bench: OddStreamBench;
beforeAll(async () => {
  clips = await Clips.open();
  bench = await OddStreamBench.start();
});
afterAll(async () => {
  await bench.stop();
  await clips.close();
});

describe('smoke', () => {
  it('plain', async () => {
    const door = await bench.door('plain');
    const sent = await bench.publish(door, stepsOf(await clips.get()));
    await bench.expectAccounted(door, sent);
    expect(await bench.gaps(door)).toEqual({});
    console.log(sent, await bench.epochs(door), await bench.state(door));
  });
});
void [change, moved, video, from, every, cut, nth, keyframe, shown, audio];
