import { execFile } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { chromium, type Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SourceAdapterWire } from '../../src/core/wire/sources.wire.js';
import type { EpochWire, NewStreamWire, SegmentWire } from '../../src/core/wire/wire.js';
import { launchBrowser, MADE_CAMERA } from './support/browser.js';
import { CameraPage } from './support/camera-page.js';
import { countVideoFrames } from './support/media-probe.js';
import { startVedette, type VedetteProcess } from './support/vedette-process.js';
import { waitFor } from './support/wait-for.js';

const run = promisify(execFile);

/** Frames of each kind in a recording, by ffprobe. */
async function framesIn(file: string): Promise<{ video: number; audio: number }> {
  const count = async (track: string): Promise<number> => {
    const args = ['-v', 'error', '-count_packets', '-select_streams', track, '-show_entries', 'stream=nb_read_packets', '-of', 'csv=p=0'];
    return Number.parseInt((await run('ffprobe', [...args, file])).stdout, 10);
  };
  return { video: await count('v:0'), audio: await count('a:0') };
}

describe('the camera of a browser', () => {
  let vedette: VedetteProcess;
  let browser: Browser;
  let mimeTypes: readonly string[];
  const copied = (): readonly string[] => mimeTypes.filter((type) => !type.includes('vp'));

  beforeAll(async () => {
    vedette = await startVedette();
    browser = await launchBrowser(chromium, MADE_CAMERA);
    const sources = await vedette.api.all<SourceAdapterWire>('/api/sources');
    mimeTypes = sources.find(({ id }) => id === 'browser')!.pages!.mimeTypes.map(({ mimeType }) => mimeType);
  }, 120_000);

  afterAll(async () => {
    await browser?.close();
    await vedette?.stop();
  }, 60_000);

  const newStream = (name: string): Promise<NewStreamWire> => vedette.api.post('/api/streams', { name, adapterId: 'browser' });
  const epochs = (id: string): Promise<EpochWire[]> => vedette.api.all<EpochWire>(`/api/streams/${id}/epochs`);
  const closed = (id: string): Promise<EpochWire> =>
    waitFor('the epoch to be closed', async () => (await epochs(id)).find(({ state }) => state === 'closed'), 20_000);
  const segments = (id: string, epochId: string): Promise<SegmentWire[]> =>
    vedette.api.all<SegmentWire>(`/api/streams/${id}/segments?epochId=${epochId}`);
  const live = (camera: CameraPage) =>
    waitFor('the camera to be live', async () => ((await camera.status()).epochId === null ? undefined : camera.status()), 20_000);

  it('is recorded as H.264 as it comes, frame for frame, and every segment is decodable', async () => {
    const { id } = await newStream('cam');
    const camera = await CameraPage.open(browser, vedette);
    await camera.start({ stream: 'cam', mimeTypes: copied() });
    await live(camera);
    await delay(10_000);
    await camera.stop();
    const status = await camera.status();
    expect(status).toMatchObject({ state: 'ended', problem: null, recordings: 1, droppedBytes: 0 });

    const epoch = await closed(id);
    expect(epoch).toMatchObject({ videoCodec: 'h264', audioCodec: 'opus', endReason: 'the page ended it', widthPx: 640, heightPx: 360 });
    const file = vedette.scratch('recorded.mkv');
    await camera.save(file);
    const sent = await framesIn(file);
    const stored = await segments(id, epoch.id);
    expect(stored.map(({ state }) => state)).toEqual(stored.map(() => 'ready'));
    expect(stored.length).toBeGreaterThanOrEqual(4);
    expect(sent.video).toBeGreaterThan(100);
    expect(stored.reduce((sum, { frameCount }) => sum + frameCount, 0)).toBe(sent.video);
    const playlist = `${vedette.apiUrl}/streaming/${id}/${epoch.id}/index.m3u8`;
    expect(await countVideoFrames(playlist, vedette.api.cookie)).toBe(sent.video);
    await camera.close();
  });

  it('ends its epoch when the tab is closed', async () => {
    const { id } = await newStream('tab');
    const camera = await CameraPage.open(browser, vedette);
    await camera.start({ stream: 'tab', mimeTypes: copied() });
    await live(camera);
    await delay(3000);
    await camera.close();
    const epoch = await closed(id);
    expect(epoch.endReason).toBe('the page ended it');
    expect((await segments(id, epoch.id)).length).toBeGreaterThan(0);
    const { state } = await vedette.api.get(`/api/streams/${id}`);
    expect(state).toBe('stopped');
  });

  it('is encoded anew where the browser records no H.264', async () => {
    const { id } = await newStream('vp8');
    const camera = await CameraPage.open(browser, vedette);
    await camera.start({ stream: 'vp8', mimeTypes: ['video/webm;codecs=vp8,opus'] });
    await live(camera);
    await delay(5000);
    await camera.stop();
    const epoch = await closed(id);
    expect(epoch).toMatchObject({ videoCodec: 'h264', audioCodec: 'aac' });
    const file = vedette.scratch('recorded.webm');
    await camera.save(file);
    const stored = await segments(id, epoch.id);
    expect(stored.reduce((sum, { frameCount }) => sum + frameCount, 0)).toBe((await framesIn(file)).video);
    await camera.close();
  });

  it('needs no sign-in where the page has the key, and is told by a code when it has a wrong one', async () => {
    const { id, key } = await newStream('keyed');
    const stranger = await CameraPage.open(browser, vedette, false);
    await stranger.start({ stream: 'keyed', mimeTypes: copied(), key: 'a-key-that-is-wrong' });
    const refused = await waitFor('the refusal', async () => {
      const status = await stranger.status();
      return status.state === 'failed' ? status : undefined;
    });
    expect(refused.problem).toMatchObject({ code: 'VD_INGEST_KEY_UNKNOWN', retryable: false });
    await stranger.start({ stream: 'keyed', mimeTypes: copied(), key: key!.key });
    await live(stranger);
    await delay(1000);
    await stranger.stop();
    expect((await closed(id)).videoCodec).toBe('h264');
    await stranger.close();
  });
});
