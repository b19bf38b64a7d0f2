import { execFile } from 'node:child_process';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ImportWire } from '../../src/core/wire/imports.wire.js';
import type { EpochWire, MetricWire, RunWire, SegmentWire } from '../../src/core/wire/wire.js';
import { makeBarcodeClip } from '../../src/core/plugin-testing/index.js';
import { killTree } from '../e2e/support/process-tree.js';
import { startVedette, type VedetteProcess } from '../e2e/support/vedette-process.js';
import { waitFor } from '../e2e/support/wait-for.js';
import { checkInvariants } from './invariants.js';

/** A short film in the suite; `npm run test:long-file` takes one of an hour. */
const SECONDS = Number(process.env['TEST_FILE_SECONDS'] ?? 20);
const FPS = SECONDS > 60 ? 2 : 10;
const FRAMES = SECONDS * FPS;
const DEADLINE_MS = 60_000 + 500 * SECONDS;

describe(`a file of ${SECONDS} s, imported and analysed across a pause and a kill -9 of everything`, () => {
  let vedette: VedetteProcess;
  let streamId: string;
  beforeAll(async () => {
    vedette = await startVedette({ barcode: true });
    streamId = (await vedette.api.post<{ id: string }>('/api/streams', { name: 'film', adapterId: 'file' })).id;
  }, 180_000);
  afterAll(() => vedette?.stop(), 60_000);

  const path = (rest = ''): string => `/api/streams/${streamId}/imports${rest}`;
  const look = (id: string): Promise<ImportWire> => vedette.api.get<ImportWire>(path(`/${id}`));

  async function upload(id: string, clip: string): Promise<void> {
    const response = await fetch(`${vedette.apiUrl}${path(`/${id}/file`)}`, {
      method: 'PUT',
      headers: { cookie: vedette.api.cookie, origin: vedette.apiUrl, 'content-type': 'application/octet-stream' },
      body: await readFile(clip),
    });
    expect([response.status, await response.text()]).toEqual([200, expect.any(String)]);
  }

  it(
    'has every frame once, in one epoch at its date, each analysed',
    async () => {
      const clip = vedette.scratch('film.mp4');
      await makeBarcodeClip(clip, { frames: FRAMES, fps: FPS, widthPx: 320, heightPx: 180, gop: FPS, bframes: 2, audio: true });
      const recordedAt = new Date(Date.now() - 7_200_000).toISOString();
      const { size } = await stat(clip);
      const { id } = await vedette.api.post<ImportWire>(path(), { name: 'film.mp4', sizeBytes: size, recordedAt });
      await upload(id, clip);

      // As soon as it is under way; a short one may be over before.
      await waitFor('the import to begin', async () => ['running', 'done'].includes((await look(id)).state));
      const isPaused = await vedette.api.post(path(`/${id}/pause`)).then(
        () => true,
        () => false,
      );
      killTree(vedette.child.pid!);
      vedette = await startVedette({ barcode: true, home: vedette.home, ports: vedette.ports });
      if (isPaused) {
        expect((await look(id)).state).toBe('paused');
        await vedette.api.post(path(`/${id}/resume`));
      }
      const done = await waitFor(
        'the import to be over',
        async () => {
          const now = await look(id);
          return now.state === 'done' && now.analysed === 1 ? now : undefined;
        },
        DEADLINE_MS,
      );
      expect(done).toMatchObject({ progress: 1, recordedAt, errorCode: null });

      const epochs = await vedette.api.all<EpochWire>(`/api/streams/${streamId}/epochs`);
      expect(epochs).toMatchObject([{ id: done.epochId, state: 'closed', startedAt: recordedAt }]);
      const segments = await vedette.api.all<SegmentWire>(`/api/streams/${streamId}/segments`);
      expect(segments.reduce((sum, { frameCount }) => sum + frameCount, 0)).toBe(FRAMES);
      const runs = await vedette.api.all<RunWire>(`/api/streams/${streamId}/runs`);
      expect(runs.filter(({ analyzerId, state }) => analyzerId === 'barcode' && state === 'done')).toHaveLength(segments.length);
      const metrics = await vedette.api.all<MetricWire>(`/api/streams/${streamId}/metrics?epochId=${done.epochId}&name=frame-index`);
      const indices = metrics.sort((a, b) => a.ptsUs - b.ptsUs).map(({ value }) => value);
      expect(indices).toEqual(Array.from({ length: FRAMES }, (_, index) => index));
      expect(await checkInvariants(vedette.databaseUrl, { mediaDir: vedette.mediaDir, expectations: { idle: true } })).toEqual([]);
    },
    DEADLINE_MS + 180_000,
  );

  it('is brought by the command line, which tells what became of it', async () => {
    const clip = vedette.scratch('other.mp4');
    await makeBarcodeClip(clip, { frames: 30, fps: 10, widthPx: 160, heightPx: 96, gop: 10 });
    const command = [join(import.meta.dirname, '../../dist/cli/main.js'), 'import', 'film', clip, '--recorded-at', '2026-11-20T10:00:00Z'];
    const env = { ...process.env, VEDETTE_CONFIG: vedette.scratch('vedette.config.yaml'), NO_COLOR: '1' };
    const { stdout } = await promisify(execFile)(process.execPath, command, { cwd: vedette.home, env });
    expect(stdout).toContain('other.mp4: done, 100 %');
    const { items } = await vedette.api.get<{ items: ImportWire[] }>(path());
    expect(items[0]).toMatchObject({ name: 'other.mp4', state: 'done', createdBy: 'command line' });
    expect(items[0]!.recordedAt).toBe('2026-11-20T10:00:00.000Z');
  });
});
