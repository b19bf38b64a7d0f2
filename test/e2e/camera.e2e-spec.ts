import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { h264Pictures } from '../support/pull/annex-b.js';
import { RtspCamera } from '../support/pull/rtsp-camera.js';
import { startVedette, type VedetteProcess } from './support/vedette-process.js';
import { waitFor } from './support/wait-for.js';

const LOGIN = { username: 'guard', password: 'open-sesame-77' };
let vedette: VedetteProcess;
let camera: RtspCamera;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vedette-camera-'));
  camera = await RtspCamera.start({ pictures: await h264Pictures(folder, 60), login: { ...LOGIN, scheme: 'Digest' } });
  vedette = await startVedette();
});
afterAll(async () => {
  await vedette?.stop();
  await camera?.stop();
  await rm(folder, { recursive: true, force: true });
});

describe('a camera of the network', () => {
  it('is recorded by the whole program, which keeps its password to itself', async () => {
    const wrong = { kind: 'rtsp', url: camera.url, ...LOGIN, password: 'open-sesame-78' };
    const { id } = await vedette.api.post<{ id: string }>('/api/streams', { name: 'door', adapterId: 'pull', sourceConfig: wrong });
    const stream = (): Promise<any> => vedette.api.get(`/api/streams/${id}`);
    const refused = await waitFor('the refusal', async () => {
      const { state, stateDetail } = await stream();
      return state === 'retrying' && (stateDetail as string);
    });
    expect(refused).toContain('VD_PULL_UNAUTHORISED');
    const config = { ...wrong, password: LOGIN.password };
    await vedette.api.patch(`/api/streams/${id}`, { sourceConfig: config });
    const playlist = await waitFor('a segment', async () => {
      const text = await vedette.api.text(`/streaming/${id}/live.m3u8`).catch(() => '');
      return text.includes('#EXTINF') && text;
    });
    const segment = playlist.split('\n').find((line) => line !== '' && !line.startsWith('#'))!;
    const address = new URL(segment, `${vedette.apiUrl}/streaming/${id}/live.m3u8`);
    expect((await vedette.api.bytes(address.pathname + address.search)).length).toBeGreaterThan(10_000);
    const shown = await stream();
    expect(shown).toMatchObject({ state: 'live', sourceConfig: { ...config, password: '***' } });

    const told = [vedette.output, refused, JSON.stringify(shown), JSON.stringify(await vedette.api.get('/api/audit'))];
    for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)) {
      for (const file of ['cmdline', 'environ']) told.push(await readFile(`/proc/${pid}/${file}`, 'latin1').catch(() => ''));
    }
    expect(told.some((text) => text.includes('media-reader-entry'))).toBe(true);
    expect(told.filter((text) => text.includes('open-sesame'))).toEqual([]);
  });
});
