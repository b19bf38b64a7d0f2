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

/** What MPEG-TS carries; the others want fragmented MP4. */
const PACKAGED: ReadonlySet<string> = new Set(['H.264 and MP3', 'HEVC and AAC']);

describe('a codec', () => {
  it.each([
    ['H.264 and MP3', { audio: ['-c:a', 'libmp3lame', '-ar', '44100'] }],
    ['HEVC and AAC', { video: HEVC }],
    ['AV1 and AAC', { video: AV1 }],
    ['VP9 and Opus', { video: VP9, audio: OPUS }],
  ])('loses no frame: %s', async (name, wishes) => {
    const clip = await clips.get({ seconds: 2, ...wishes });
    const door = await bench.door(name.replaceAll(' ', '-').replaceAll('.', '').toLowerCase());
    const publisher = await bench.publisher(door);
    await publisher.send(stepsOf(clip));
    await publisher.end();
    await bench.expectAccounted(door, publisher.sent);
    const { length } = await bench.epochs(door);
    expect({ length, gaps: Object.keys(await bench.gaps(door)) }).toEqual({
      length: 1,
      gaps: PACKAGED.has(name) ? [] : ['packager-failed'],
    });
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
