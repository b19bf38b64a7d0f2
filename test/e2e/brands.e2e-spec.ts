import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pageOf, type EpochWire, type SegmentWire } from '../../src/core/wire/wire.js';
import { brandWire, referenceWire, type BrandWire } from '../../src/core/wire/brands.wire.js';
import { makeBarcodeClip, readBarcode } from '../../src/core/plugin-testing/index.js';
import { logoPng } from '../support/references/logos.js';
import { publishClip } from './support/publisher.js';
import { startVedette, type VedetteProcess } from './support/vedette-process.js';
import { waitFor } from './support/wait-for.js';

const run = promisify(execFile);
const MAIN = resolve(import.meta.dirname, '../../dist/cli/main.js');

/** What only the built program shows: that its reading process is found, starts and works where it is installed. */
describe('brands in the whole program', () => {
  let vedette: VedetteProcess;
  beforeAll(async () => {
    vedette = await startVedette();
  });
  afterAll(() => vedette.stop());

  const brand = (...args: string[]): Promise<{ stdout: string; stderr: string }> =>
    run(process.execPath, [MAIN, 'brand', ...args], {
      cwd: vedette.home,
      env: { ...process.env, VEDETTE_CONFIG: join(vedette.home, 'vedette.config.yaml'), NO_COLOR: '1' },
    });
  const listed = async (): Promise<BrandWire[]> => pageOf(brandWire.strict()).parse(await vedette.api.get('/api/brands')).items;

  it('adds them on the command line, and shows them over REST', async () => {
    const file = vedette.scratch('acme.png');
    await writeFile(file, await logoPng(601, { background: '#ffffff' }));
    expect((await brand('add', 'Acme', '--image', file)).stdout).toMatch(
      /acme\.png: \d+x\d+ pixels, background removed\nAcme +on +default \d+x\d+\n$/,
    );
    await brand('add', 'Node.js', '--icon', 'nodedotjs');
    expect((await listed()).map(({ name, references }) => [name, references.map(({ source }) => source)])).toEqual([
      ['Acme', ['upload']],
      ['Node.js', ['icon']],
    ]);
    await brand('remove', 'acme');
    expect((await listed()).map(({ name }) => name)).toEqual(['Node.js']);
    await brand('restore', 'Acme');
    await expect(brand('add', 'acme')).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/VD_BRAND_NAME_TAKEN[\s\S]*To fix it: /) as string,
    });
  });

  it('teaches a brand from a frame of what was published', async () => {
    const clip = vedette.scratch('clip.flv');
    await makeBarcodeClip(clip, { frames: 75, fps: 25, widthPx: 320, heightPx: 180, gop: 25 });
    await publishClip(clip, vedette.publishUrl);
    const [segment, epoch] = await waitFor('a segment', async () => {
      const [found] = await vedette.api.all<EpochWire>(`/api/streams/${vedette.streamId}/epochs`);
      if (found === undefined) return false;
      const segments = await vedette.api.all<SegmentWire>(`/api/streams/${vedette.streamId}/segments?epochId=${found.id}`);
      return segments[0] !== undefined && ([segments[0], found] as const);
    });
    const ptsUs = segment.ptsStartUs + 400_000;
    const { data, info } = await sharp(await vedette.api.bytes(`/api/streams/${vedette.streamId}/frame?epochId=${epoch.id}&ptsUs=${ptsUs}`))
      .raw()
      .toBuffer({ resolveWithObject: true });
    const fit = { frameWidthPx: 320, frameHeightPx: 180, contentWidthPx: 320, contentHeightPx: 180, offsetXPx: 0, offsetYPx: 0 };
    const index = readBarcode({ data, widthPx: info.width, heightPx: info.height, format: 'rgb24', fit });
    expect(index).toBe(10);
    const box = { x: 0, y: 0.7, width: 1, height: 0.3 };
    const [acme] = await listed();
    const reference = await vedette.api.post(`/api/brands/${acme!.id}/references/from-frame`, {
      streamId: vedette.streamId,
      epochId: epoch.id,
      ptsUs,
      box,
    });
    expect(referenceWire.strict().parse(reference)).toMatchObject({ source: 'frame', widthPx: 320, heightPx: 54, hasAlpha: false });
  });
});
