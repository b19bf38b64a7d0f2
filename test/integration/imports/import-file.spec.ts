import { copyFile, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ffmpeg } from '../../support/media/ffmpeg.js';
import { ImportScene } from '../support/import-scene.js';

const SECONDS = 12;
const FPS = 25;

let clips: string;
let clip: string;
let scene: ImportScene;
beforeAll(async () => {
  clips = await mkdtemp(join(tmpdir(), 'vd-import-clips-'));
  clip = join(clips, 'clip.mp4');
  const source = ['-f', 'lavfi', '-i', `testsrc=size=160x96:rate=${FPS},format=yuv420p`, '-f', 'lavfi', '-i', 'sine'];
  await ffmpeg(...source, '-t', String(SECONDS), '-c:v', 'libx264', '-g', '25', '-bf', '2', '-c:a', 'aac', clip);
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
    expect(epochs).toMatchObject([{ id: done.epochId, state: 'closed', end_reason: 'file-ended', video_codec: 'h264', audio_codec: 'aac' }]);
    expect(epochs[0]!.started_at.getTime()).toBe(recordedAtMs);
    expect(epochs[0]!.ended_at!.getTime() - recordedAtMs).toBeCloseTo(SECONDS * 1000, -2);
    expect(await scene.frames(streamId)).toEqual({ video: SECONDS * FPS, segments: SECONDS, gaps: 0 });
    expect(await readdir(scene.spool.folder)).toEqual([]);
  });
});
