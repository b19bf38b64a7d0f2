import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Clips } from './clips.js';
import { OddStreamBench } from './odd-stream-bench.js';
import { endOf, stepsOf } from './steps.js';

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

const HEVC = ['-c:v', 'libx265', '-preset', 'ultrafast', '-x265-params', 'log-level=error:pools=none:frame-threads=1', '-tag:v', 'hvc1'];
const AV1 = ['-c:v', 'libaom-av1', '-cpu-used', '8', '-usage', 'realtime', '-row-mt', '0'];
const VP9 = ['-c:v', 'libvpx-vp9', '-deadline', 'realtime', '-cpu-used', '8', '-strict', 'experimental'];
const OPUS = ['-c:a', 'libopus', '-ar', '48000', '-strict', 'experimental'];

const nameOf = (text: string): string => text.replaceAll(' ', '-').replaceAll('.', '').toLowerCase();

describe('a codec', () => {
  it.each([
    ['H.264 and MP3', { audio: ['-c:a', 'libmp3lame', '-ar', '44100'] }],
    ['HEVC and AAC', { video: HEVC }],
    ['AV1 and AAC', { video: AV1 }],
    ['VP9 and Opus', { video: VP9, audio: OPUS }],
  ])('of a publisher is kept: %s', async (name, wishes) => {
    const door = await bench.door(nameOf(name));
    await bench.expectAccounted(door, await bench.publish(door, stepsOf(await clips.get({ seconds: 2, ...wishes }))));
    expect({ epochs: (await bench.epochs(door)).length, gaps: await bench.gaps(door) }).toEqual({ epochs: 1, gaps: {} });
  });

  it('may change from epoch to epoch', async () => {
    const plain = await clips.get({ seconds: 2 });
    const hevc = await clips.get({ seconds: 2, video: HEVC });
    const door = await bench.door('changes');
    const first = stepsOf(plain);
    const second = stepsOf(hevc, endOf(first));
    const sent = await bench.publish(door, [...first, ...second, ...stepsOf(plain, endOf(second))]);
    await bench.expectAccounted(door, sent);
    expect(await bench.epochs(door)).toHaveLength(3);
  });
});
