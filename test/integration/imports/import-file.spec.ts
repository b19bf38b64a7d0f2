import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ffmpeg } from '../../support/media/ffmpeg.js';
import { until } from '../../support/until.js';
import { ImportScene } from '../support/import-scene.js';
import type { TestIngestNode } from '../support/ingest-node.js';

const SECONDS = 12;
const FPS = 25;
/** Long enough that it can be interrupted. */
const LOOPS = 50;

let clips: string;
let clip: string;
let long: string;
let scene: ImportScene;
beforeAll(async () => {
  clips = await mkdtemp(join(tmpdir(), 'vd-import-clips-'));
  clip = join(clips, 'clip.mp4');
  const source = ['-f', 'lavfi', '-i', `testsrc=size=160x96:rate=${FPS},format=yuv420p`, '-f', 'lavfi', '-i', 'sine'];
  await ffmpeg(...source, '-t', String(SECONDS), '-c:v', 'libx264', '-g', '25', '-bf', '2', '-c:a', 'aac', clip);
  long = join(clips, 'long.mp4');
  await ffmpeg('-stream_loop', String(LOOPS - 1), '-i', clip, '-c', 'copy', long);
});
afterAll(() => rm(clips, { recursive: true, force: true }));
beforeEach(async () => {
  scene = await ImportScene.start();
});
afterEach(() => scene.stop());

describe('a file that is imported', () => {
  it('becomes an epoch of its stream at its own date, every frame once, and leaves no file behind', async () => {
    await scene.node();
    const streamId = await scene.makeStream('files');
    const recordedAtMs = Date.now() - 86_400_000;
    const id = await scene.bring(streamId, clip, { recordedAtMs });
    const done = await scene.ended(id);
    expect(done).toMatchObject({ state: 'done', errorCode: null, detail: null, hasFile: false, startedMediaAtMs: recordedAtMs });
    expect(done.durationUs! / 1_000_000).toBeCloseTo(SECONDS, 1);
    const epochs = await scene.epochs(streamId);
    expect(epochs).toMatchObject([
      { id: done.epochId, state: 'closed', end_reason: 'file-ended', video_codec: 'h264', audio_codec: 'aac' },
    ]);
    expect(epochs[0]!.started_at.getTime()).toBe(recordedAtMs);
    expect(epochs[0]!.ended_at!.getTime() - recordedAtMs).toBeCloseTo(SECONDS * 1000, -2);
    expect(await scene.frames(streamId)).toEqual({ video: SECONDS * FPS, segments: SECONDS, gaps: 0 });
    expect(await readdir(scene.spool.folder)).toEqual([]);
  });

  it.each([
    ['a pause', (_: TestIngestNode, id: string) => pausedAndResumed(id)],
    ['a kill of the process, and a start of another', (node: TestIngestNode) => killed(node)],
    ['a stop of the process in good order', (node: TestIngestNode) => restarted(node)],
  ])('goes on after %s in the same epoch, segment for segment as if it had not been interrupted', async (_, interrupt) => {
    const node = await scene.node();
    const [whole, broken] = [await scene.makeStream('whole'), await scene.makeStream('broken')];
    expect(await scene.ended(await scene.bring(whole, long))).toMatchObject({ state: 'done' });
    const id = await scene.bring(broken, long);
    const before = await until('some segments', async () => ((await scene.segments(broken)).length >= 20 ? scene.segments(broken) : null));
    expect(before.length).toBeLessThan(SECONDS * LOOPS);
    await interrupt(node, id);
    expect(await scene.ended(id)).toMatchObject({ state: 'done', detail: null });
    expect(await scene.segments(broken)).toEqual(await scene.segments(whole));
    expect(await scene.frames(broken)).toEqual({ video: SECONDS * LOOPS * FPS, segments: SECONDS * LOOPS, gaps: 0 });
    expect(await scene.epochs(broken)).toMatchObject([{ state: 'closed', end_reason: 'file-ended' }]);
  });

  it('stops when it is cancelled: what came so far stays, the file goes', async () => {
    await scene.node();
    const streamId = await scene.makeStream('files');
    const id = await scene.bring(streamId, long);
    await until('some segments', async () => (await scene.segments(streamId)).length >= 5);
    await scene.imports.step(id, 'cancel');
    const [epoch] = await until('the epoch to be closed', async () => {
      const epochs = await scene.epochs(streamId);
      return epochs[0]?.state === 'closed' ? epochs : null;
    });
    expect(epoch).toMatchObject({ end_reason: 'import-cancelled' });
    expect((await scene.segments(streamId)).length).toBeLessThan(SECONDS * LOOPS);
    expect(await scene.imports.get(id)).toMatchObject({ state: 'cancelled' });
  });
});

async function pausedAndResumed(id: string): Promise<void> {
  await scene.imports.step(id, 'pause');
  await until('it to rest', async () => (await scene.states()).includes('pending'));
  expect(await scene.imports.get(id)).toMatchObject({ state: 'paused' });
  await scene.imports.step(id, 'resume');
}

async function killed(node: TestIngestNode): Promise<void> {
  await scene.node({ mediaDir: await scene.kill(node) });
}

async function restarted(node: TestIngestNode): Promise<void> {
  await scene.node({ mediaDir: await scene.halt(node) });
}
