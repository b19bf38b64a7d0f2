/// <reference lib="dom" />
import { readFile } from 'node:fs/promises';
import AxeSource from 'axe-core';
import { chromium, type Locator, type Page } from 'playwright-core';
import sharp from 'sharp';
import { siFirefoxbrowser, siMozilla, siSpotify } from 'simple-icons';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ExposureReportWire } from '../../src/core/wire/exposure.wire.js';
import type { EpochWire, EventWire, RunWire, StreamWire } from '../../src/core/wire/wire.js';
import { checkInvariants } from '../faults/invariants.js';
import { greyOf, likeness, silhouette } from '../support/logos/likeness.js';
import { ffmpeg } from '../support/media/ffmpeg.js';
import { launchBrowser, signIn } from './support/browser.js';
import { publishClip } from './support/publisher.js';
import { startVedette, type VedetteProcess } from './support/vedette-process.js';
import { waitFor } from './support/wait-for.js';

const CLIP_S = 30;
/** When each brand is in the picture, in seconds of the clip. */
const SPOTIFY = { fromS: 4, toS: 24 };
const FIREFOX = { fromS: 8, toS: 28 };

/** The board is turned clockwise, by radians; where its middle is, and with it the logo's, in pixels. */
const TURNED_BY = 0.12;
const boardCentreAt = (t: number): { x: number; y: number } => {
  const [cos, sin] = [Math.cos(TURNED_BY), Math.sin(TURNED_BY)];
  return { x: 180 + 14 * t + (260 * cos + 200 * sin) / 2, y: 330 + 30 * Math.sin(t / 2) + (260 * sin + 200 * cos) / 2 };
};

async function violationsOf(page: Page): Promise<string[]> {
  await page.evaluate(AxeSource.source);
  return page.evaluate(async () =>
    (await (globalThis as unknown as { axe: { run(): Promise<{ violations: { id: string }[] }> } }).axe.run()).violations.map(
      ({ id }) => id,
    ),
  );
}

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
      `[2:v]format=rgba,rotate=${TURNED_BY}:c=none:ow=rotw(${TURNED_BY}):oh=roth(${TURNED_BY})[board]`,
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
      await signIn(page, vedette, '/logos');
      for (const { title } of [siSpotify, siFirefoxbrowser]) {
        await page.getByRole('button', { name: 'New brand' }).first().click();
        await page.getByPlaceholder('Spotify, Adidas').fill(title);
        await page.getByRole('button', { name: title, exact: true }).click();
        await page.getByRole('heading', { name: title, exact: true }).waitFor();
      }
      expect(await violationsOf(page)).toEqual([]);
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

  it('keep of each appearance the picture that shows it best, which anybody may look at', async () => {
    const [epoch] = await vedette.api.all<EpochWire>(`/api/streams/${vedette.streamId}/epochs`);
    const events = await vedette.api.all<EventWire>(`/api/streams/${vedette.streamId}/events?name=logo`);
    expect(events.length).toBeGreaterThanOrEqual(2);
    for (const event of events) {
      expect(event.evidence, String(event.data?.['label'])).not.toBeNull();
      const { url, ptsUs, box, region, widthPx, heightPx } = event.evidence!;
      const response = await fetch(vedette.apiUrl + url, { headers: { cookie: vedette.api.cookie } });
      expect([response.status, response.headers.get('content-type')]).toEqual([200, 'image/jpeg']);
      const jpeg = Buffer.from(await response.arrayBuffer());
      expect(jpeg.length).toBeLessThanOrEqual(12_288);
      expect(await sharp(jpeg).metadata()).toMatchObject({ format: 'jpeg', width: widthPx, height: heightPx });
      // Where it says the logo is there is the logo, where it was drawn, and no other.
      const isSpotify = event.data?.['label'] === siSpotify.title;
      const centre = { x: (box.x + box.width / 2) * 1280, y: (box.y + box.height / 2) * 720 };
      const drawn = isSpotify ? { x: 1176, y: 96 } : boardCentreAt((ptsUs - epoch!.ptsOriginUs!) / 1e6);
      expect(Math.hypot(centre.x - drawn.x, centre.y - drawn.y), JSON.stringify({ centre, drawn })).toBeLessThan(12);
      const grey = await greyOf(jpeg, {
        x: (box.x - region.x) / region.width,
        y: (box.y - region.y) / region.height,
        width: box.width / region.width,
        height: box.height / region.height,
      });
      const [own, other] = isSpotify
        ? [likeness(grey, await silhouette(siSpotify.svg)), likeness(grey, await silhouette(siFirefoxbrowser.svg))]
        : [-likeness(grey, await silhouette(siFirefoxbrowser.svg, TURNED_BY)), -likeness(grey, await silhouette(siSpotify.svg, TURNED_BY))];
      expect(own - other).toBeGreaterThan(0.15);
    }
    const report = await vedette.api.get<ExposureReportWire>(`/api/streams/${vedette.streamId}/exposure/report`);
    const named = report.appearances.flatMap(({ evidence }) => (evidence === null ? [] : [evidence.eventId]));
    expect(named.sort()).toEqual(events.map(({ id }) => id).sort());
  });

  it('are shown in the dashboard, small and large, by mouse and by keyboard', async () => {
    const browser = await launchBrowser(chromium);
    try {
      const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
      const { name } = await vedette.api.get<StreamWire>(`/api/streams/${vedette.streamId}`);
      await signIn(page, vedette, `/streams/${name}`);
      const thumb = page.getByRole('button', { name: `Show ${siSpotify.title}, as seen at` });
      const isLoaded = (image: Locator): Promise<boolean> =>
        image.evaluate((img: HTMLImageElement) => img.complete && img.naturalWidth > 0);
      await waitFor('the thumbnail', () => isLoaded(thumb.locator('img')));
      const size = await thumb.boundingBox();
      expect([size?.width, size?.height]).toEqual([64, 40]);
      await thumb.focus();
      await page.keyboard.press('Enter');
      const dialog = page.getByRole('dialog', { name: siSpotify.title });
      await waitFor('the picture', () => isLoaded(dialog.locator('img')));
      expect(await dialog.innerText()).toMatch(/Seen at\s+\d\d:\d\d:\d\d[\s\S]*Score\s+\d+ %/);
      expect(await violationsOf(page)).toEqual([]);
      await page.keyboard.press('Escape');
      await dialog.waitFor({ state: 'hidden' });
      expect(await thumb.evaluate((button) => button === document.activeElement)).toBe(true);
    } finally {
      await browser.close();
    }
  }, 120_000);
});
