import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CountingPublisher, type Step } from '../../src/adapters/rtmp/testing/counting-publisher.js';
import { readSegment } from '../../src/core/media/watcher/segment-reader.js';
import type { EpochWire } from '../../src/core/wire/wire.js';
import { killTree } from '../e2e/support/process-tree.js';
import { startVedette, type VedetteProcess } from '../e2e/support/vedette-process.js';
import { waitFor } from '../e2e/support/wait-for.js';
import { encodedFrames } from '../support/media/encoded-frames.js';
import { makeClip } from '../support/media/ffmpeg.js';
import { query } from '../support/query.js';
import { checkInvariants } from './invariants.js';

const FPS = 25;
/** Inside the first GOP, which would last ten seconds. */
const SENT_SECONDS = 7.6;
const GOP_FRAMES = 10 * FPS;

describe('kill -9 of everything inside an open GOP', () => {
  let vedette: VedetteProcess;
  let steps: Step[];

  beforeAll(async () => {
    vedette = await startVedette();
    const clip = vedette.scratch('clip.mp4');
    await makeClip(clip, { seconds: SENT_SECONDS, fps: FPS, gopFrames: GOP_FRAMES, bFrames: 0 });
    const { video, audio, frames } = await encodedFrames(clip);
    steps = [
      { kind: 'video-header', track: video! },
      { kind: 'audio-header', track: audio! },
      ...frames.map(({ track, ptsUs, dtsUs, keyframe, data }): Step => {
        const codec = track === 'video' ? 'h264' : 'aac';
        const [timestampMs, compositionMs] = [dtsUs / 1000, (ptsUs - dtsUs) / 1000];
        return { kind: 'frame', track, codec, timestampMs, compositionMs, keyframe, data: Buffer.from(data) };
      }),
    ];
  }, 180_000);
  afterAll(() => vedette?.stop(), 60_000);

  /** Frames of the first segment's unfinished file. */
  async function unfinished(): Promise<number> {
    const [epoch] = readdirSync(join(vedette.mediaDir, vedette.streamId)).map((name) => join(vedette.mediaDir, vedette.streamId, name));
    const reading = epoch === undefined ? null : await readSegment(epoch, '000000.ts.tmp', undefined);
    return reading !== null && 'facts' in reading ? reading.facts.frameCount : 0;
  }

  it('keeps what was accepted as a segment, and says with a gap up to the moment of death that there may have been more', async () => {
    const publisher = await CountingPublisher.open(vedette.ports.rtmp, vedette.streamKey);
    await publisher.send(steps);
    const { video, audio } = publisher.sent;
    expect(video).toBe(SENT_SECONDS * FPS);
    await waitFor('all that was sent to be in the open segment', async () => (await unfinished()) === video, 20_000);
    const { home, ports, streamId } = vedette;
    killTree(vedette.child.pid!);
    publisher.vanish();
    vedette = await startVedette({ home, ports });
    vedette.streamId = streamId;
    const epochs = async () => (await vedette.api.get(`/api/streams/${streamId}/epochs`)).items as EpochWire[];
    await waitFor('the epoch to be closed', async () => (await epochs())[0]?.state === 'closed', 30_000);
    const stored = await query(
      vedette.databaseUrl,
      `SELECT count(*)::int AS segments, sum(frame_count)::int AS video, sum(audio_frame_count)::int AS audio, max(pts_end_us)::float8 AS end_us
       FROM segments`,
    );
    expect(stored).toMatchObject([{ segments: 1, video, audio }]);
    const { end_us: endUs } = stored[0] as { end_us: number };
    expect(
      await query(
        vedette.databaseUrl,
        'SELECT after_sequence, reason, video_frames, from_pts_us::float8, to_pts_us >= from_pts_us AS fits FROM gaps',
      ),
    ).toEqual([{ after_sequence: 0, reason: 'crash', video_frames: null, from_pts_us: endUs, fits: true }]);
    expect(readdirSync(join(vedette.mediaDir, '.open'))).toEqual([]);
    expect(await checkInvariants(vedette.databaseUrl, { mediaDir: vedette.mediaDir })).toEqual([]);
  }, 120_000);
});
