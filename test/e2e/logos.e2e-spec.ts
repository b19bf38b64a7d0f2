/// <reference lib="dom" />
import { readFile } from 'node:fs/promises';
import AxeSource from 'axe-core';
import { chromium } from 'playwright-core';
import sharp from 'sharp';
import { siFirefoxbrowser, siMozilla, siSpotify } from 'simple-icons';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ExposureReportWire } from '../../src/core/wire/exposure.wire.js';
import type { EventWire, RunWire } from '../../src/core/wire/wire.js';
import { checkInvariants } from '../faults/invariants.js';
import { ffmpeg } from '../support/media/ffmpeg.js';
import { launchBrowser, signIn } from './support/browser.js';
import { publishClip } from './support/publisher.js';
import { startVedette, type VedetteProcess } from './support/vedette-process.js';
import { waitFor } from './support/wait-for.js';

const CLIP_S = 30;
/** When each brand is in the picture, in seconds of the clip. */
const SPOTIFY = { fromS: 4, toS: 24 };
const FIREFOX = { fromS: 8, toS: 28 };

describe('logos in a live stream', () => {
  let vedette: VedetteProcess;
  let clip: string;

  beforeAll(async () => {
    vedette = await startVedette();
    clip = vedette.scratch('match.flv');
    await makeClip(clip);
  }, 120_000);

  afterAll(async () => {
    await vedette?.stop();
  }, 60_000);

  /** A channel bug in the corner; a board that drifts through the picture, turned; in front of a picture that moves and is noisy. */
  async function makeClip(path: string): Promise<void> {
    const bug = vedette.scratch('bug.png');
    const board = vedette.scratch('board.png');
    await sharp(Buffer.from(siSpotify.svg.replace('<svg ', '<svg fill="#ffffff" ')))
      .resize(92)
      .png()
      .toFile(bug);
    const mark = await sharp(Buffer.from(siFirefoxbrowser.svg.replace('<svg ', `<svg fill="#${siFirefoxbrowser.hex}" `)))
      .resize(150)
      .png()
      .toBuffer();
    await sharp({ create: { width: 260, height: 200, channels: 4, background: '#f4f4f0' } })
      .composite([{ input: mark }])
      .png()
      .toFile(board);
    const filter = [
      '[0:v]noise=alls=6:allf=t[ground]',
      '[1:v]format=rgba,colorchannelmixer=aa=0.85[bug]',
      '[2:v]format=rgba,rotate=0.12:c=none:ow=rotw(0.12):oh=roth(0.12)[board]',
      `[ground][board]overlay=x='180+14*t':y='330+30*sin(t/2)':enable='between(t,${FIREFOX.fromS},${FIREFOX.toS - 0.01})'[with-board]`,
      `[with-board][bug]overlay=x=1130:y=50:enable='between(t,${SPOTIFY.fromS},${SPOTIFY.toS - 0.01})'`,
    ].join(';');
    await ffmpeg(
      ...['-f', 'lavfi', '-i', `mandelbrot=size=640x360:rate=25:maxiter=100,trim=duration=${CLIP_S},scale=1280:720`],
      ...['-loop', '1', '-framerate', '25', '-i', bug, '-loop', '1', '-framerate', '25', '-i', board],
      ...[
        '-filter_complex',
        filter,
        '-t',
        String(CLIP_S),
        '-an',
        '-c:v',
        'libx264',
        '-preset',
        'ultrafast',
        '-b:v',
        '2500k',
        '-g',
        '50',
        '-pix_fmt',
        'yuv420p',
        path,
      ],
    );
  }

  it('are added in the dashboard, found as they are published, and add up to the seconds they were to be seen', async () => {
    const browser = await launchBrowser(chromium);
    try {
      const page = await browser.newPage();
      await signIn(page, vedette, '/brands');
      for (const { title } of [siSpotify, siFirefoxbrowser]) {
        await page.getByRole('button', { name: 'New brand' }).first().click();
        await page.getByPlaceholder('Spotify, Adidas').fill(title);
        await page.getByRole('button', { name: title, exact: true }).click();
        await page.getByRole('heading', { name: title, exact: true }).waitFor();
      }
      await page.evaluate(AxeSource.source);
      const violations = await page.evaluate(async () =>
        (await (globalThis as unknown as { axe: { run(): Promise<{ violations: { id: string }[] }> } }).axe.run()).violations.map(
          ({ id }) => id,
        ),
      );
      expect(violations).toEqual([]);
    } finally {
      await browser.close();
    }
    // One that is never shown, with an image of its own instead of an icon.
    const mozilla = await vedette.api.post<{ id: string }>('/api/brands', { name: 'Mozilla' });
    const image = vedette.scratch('mozilla.png');
    await sharp(Buffer.from(siMozilla.svg))
      .resize(300)
      .extend({ top: 30, bottom: 30, left: 30, right: 30, background: '#ffffff' })
      .flatten({ background: '#ffffff' })
      .png()
      .toFile(image);
    const uploaded = await fetch(`${vedette.apiUrl}/api/brands/${mozilla.id}/references`, {
      method: 'POST',
      headers: { cookie: vedette.api.cookie, origin: vedette.apiUrl, 'content-type': 'image/png' },
      body: await readFile(image),
    });
    expect([uploaded.status, await uploaded.json()]).toMatchObject([201, { hasAlpha: true, backgroundRemoved: true }]);

    await publishClip(clip, vedette.publishUrl);
    await waitFor(
      'every run to end',
      async () => {
        const epochs = await vedette.api.all(`/api/streams/${vedette.streamId}/epochs`);
        const runs = await vedette.api.all<RunWire>(`/api/streams/${vedette.streamId}/runs`);
        return epochs[0]?.state === 'closed' && runs.length > 0 && runs.every((run) => !['queued', 'running'].includes(run.state));
      },
      90_000,
    );
    const runs = (await vedette.api.all<RunWire>(`/api/streams/${vedette.streamId}/runs`)).filter(
      ({ analyzerId }) => analyzerId === 'logo-detection',
    );
    expect(runs.map(({ state }) => state)).toEqual(runs.map(() => 'done'));

    const report = await vedette.api.get<ExposureReportWire>(`/api/streams/${vedette.streamId}/exposure/report`);
    const seconds = Object.fromEntries(report.brands.map((brand) => [brand.label, brand.visibleSeconds]));
    expect(Object.keys(seconds).sort()).toEqual([siFirefoxbrowser.title, siSpotify.title].sort());
    for (const [{ title }, { fromS, toS }] of [
      [siSpotify, SPOTIFY],
      [siFirefoxbrowser, FIREFOX],
    ] as const) {
      expect(Math.abs(seconds[title]! - (toS - fromS)) / (toS - fromS), `${title}: ${seconds[title]} s`).toBeLessThan(0.05);
    }
    const spotify = report.brands.find(({ label }) => label === siSpotify.title)!;
    // 92 x 92 of 1280 x 720, in the upper right.
    expect(Math.abs(spotify.meanShare - (92 * 92) / (1280 * 720))).toBeLessThan(0.004);
    expect(spotify.gridSeconds[2]).toBeCloseTo(spotify.visibleSeconds, 6);

    const events = (await vedette.api.all<EventWire>(`/api/streams/${vedette.streamId}/events?name=logo`)).filter(
      ({ data }) => data?.['label'] === siSpotify.title,
    );
    expect(events).toHaveLength(1);
    const origin = (await vedette.api.all(`/api/streams/${vedette.streamId}/epochs`))[0].ptsOriginUs;
    expect(Math.abs(events[0]!.startPtsUs - origin - SPOTIFY.fromS * 1e6)).toBeLessThanOrEqual(800_000);
    expect(events[0]!.state).toBe('closed');
    expect(await checkInvariants(vedette.databaseUrl, { mediaDir: vedette.mediaDir, expectations: { idle: true } })).toEqual([]);
  }, 240_000);
});
