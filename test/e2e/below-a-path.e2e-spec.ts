import { cpSync, existsSync, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeBarcodeClip } from '../../src/core/plugin-testing/index.js';
import { ApiApp } from '../support/api-app.js';
import { LedgerSeed } from '../support/ledger-seed.js';
import { launchBrowser } from './support/browser.js';
import { Nginx } from './support/nginx.js';
import { waitFor } from './support/wait-for.js';

const BUILT = resolve(import.meta.dirname, '../../frontend/dist/frontend/browser');
const BELOW = '/vedette';

describe('the dashboard below a path of another site', () => {
  let api: ApiApp;
  let nginx: Nginx;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let streamId: string;
  /** `status path` of all that the page asked the site for. */
  const asked: string[] = [];
  const sockets: string[] = [];

  beforeAll(async () => {
    if (!existsSync(BUILT)) throw new Error('The dashboard is not built: npm run build:web');
    api = await ApiApp.start({ api: { trustProxy: ['loopback'] } });
    cpSync(BUILT, api.webRoot, { recursive: true });
    nginx = await Nginx.start({ file: 'nginx-below-a-path.conf', apiUrl: api.url, mediaDir: api.config.mediaDir });

    const seed = new LedgerSeed(api.sql);
    streamId = await seed.stream({ name: 'door' });
    const epochId = await seed.epoch(streamId);
    const media = join(api.config.mediaDir, streamId, epochId);
    mkdirSync(media, { recursive: true });
    await makeBarcodeClip(join(media, '000000.ts'), { frames: 50, fps: 25, widthPx: 320, heightPx: 180, gop: 25 });
    for (const sequence of [0, 1, 2, 3]) {
      if (sequence > 0) cpSync(join(media, '000000.ts'), join(media, `00000${sequence}.ts`));
      await seed.segment(streamId, epochId, sequence);
    }
    await api.sql.query(`UPDATE streams SET state = 'live' WHERE id = $1`, [streamId]);

    browser = await launchBrowser(chromium);
    context = await browser.newContext();
    page = await context.newPage();
    page.on('response', (response) => asked.push(`${response.status()} ${new URL(response.url()).pathname}`));
    page.on('websocket', (socket) => {
      sockets.push(new URL(socket.url()).pathname);
      socket.on('framereceived', ({ payload }) => sockets.push(String(payload).slice(0, 15)));
    });
  }, 120_000);

  afterAll(async () => {
    await browser?.close();
    nginx?.stop();
    await api?.stop();
  });

  it('is found without the slash, and signs a person in', async () => {
    await page.goto(nginx.url + BELOW);
    await page.waitForURL(`**${BELOW}/sign-in`);
    await page.locator('input[name=token]').fill((await api.admin.issueOneTimeToken()).token);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.waitForURL((url) => url.pathname === `${BELOW}/`);
    await page.locator('a[href$="/streams/door"]').first().waitFor();
    // A `__Host-` cookie, as it is by TLS, is good for the whole host or refused by the browser.
    expect((await context.cookies()).map(({ path }) => path)).toEqual(['/']);
  });

  it('opens a deep link, is told of changes, and asks for playlists and segments where they are', async () => {
    await page.goto(`${nginx.url}${BELOW}/streams/door`);
    await waitFor('the socket to say hello', () => sockets.includes(`${BELOW}/ws`) && sockets.some((text) => text.includes('hello')));
    await waitFor('the playlist', () => asked.includes(`200 ${BELOW}/streaming/${streamId}/live.m3u8`));
    await waitFor('a segment', () => asked.some((line) => /^20[06] \/vedette\/streaming\/.+\/00000\d\.ts$/.test(line)));
  });

  it('shows the pictures of brands', async () => {
    const created = await api.call('POST', '/api/brands', { cookie: await api.signIn(), body: { icon: 'nodedotjs' } });
    expect(created.status).toBe(201);
    await page.goto(`${nginx.url}${BELOW}/logos`);
    const image = page.locator('vd-brand-card img').first();
    await waitFor('the picture', () => image.evaluate((shown) => (shown as HTMLImageElement).naturalWidth > 0));
  });

  it('asks for nothing beside the path, and is refused nothing there', () => {
    expect(asked.filter((line) => !line.includes(` ${BELOW}/`) && !line.endsWith(` ${BELOW}`))).toEqual([]);
    expect(asked.filter((line) => /^[45]/.test(line))).toEqual([]);
  });

  it('takes uploads, and leaves what is beside the path to the other site', async () => {
    expect(await (await fetch(`${nginx.url}/streams`)).text()).toBe('another site');
    const bytes = new Uint8Array(5 * 1024 ** 2);
    const { token } = await api.apiToken('admin');
    const sent = await fetch(`${nginx.url}${BELOW}/api/brands/00000000-0000-4000-8000-000000000000/references?variant=a%20b`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'image/png' },
      body: bytes,
    });
    expect([sent.status, sent.headers.get('content-type')]).toEqual([404, 'application/problem+json; charset=utf-8']);
  });
});
