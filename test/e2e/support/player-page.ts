import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { stripTypeScriptTypes } from 'node:module';
import type { AddressInfo } from 'node:net';
import { join, normalize } from 'node:path';
import type { VedetteProcess } from './vedette-process.js';

const ROOT = join(import.meta.dirname, '../../..');
const APP = join(ROOT, 'frontend/src/app');

/** What the player's classes take of Angular. */
const SIGNALS = `
export function signal(value) {
  const read = () => value;
  return Object.assign(read, { set: (next) => { value = next; }, update: (change) => { value = change(value); } });
}
export const computed = (compute) => compute;`;

/** The page's own player, overlay and clock around any playlist: \`openRange(streamId, url, endMs)\`. */
const PAGE = `<!doctype html>
<script type="importmap">{ "imports": { "@angular/core": "/signals.js", "hls.js": "/hls.mjs" } }</script>
<div style="position: relative; width: 640px; height: 360px">
  <video muted style="width: 640px; height: 360px"></video>
  <div data-testid="overlay"><canvas></canvas></div>
</div>
<script type="module">
import Hls from 'hls.js';
import { HlsEngine } from '/app/features/player/hls-engine';
import { FrameOverlay } from '/app/features/player/frame-overlay';
import { PlayerClock } from '/app/core/player-clock';
import { StreamView } from '/app/core/stream-view';

async function pages(streamId, list, query) {
  const items = [];
  let after = null;
  do {
    const asked = new URLSearchParams({ ...query, ...(after === null ? {} : { after }) });
    const response = await fetch('/api/streams/' + streamId + '/' + list + '?' + asked);
    if (!response.ok) throw new Error(list + ': ' + (await response.text()));
    const page = await response.json();
    items.push(...page.items);
    after = page.next;
  } while (after !== null);
  return items;
}

globalThis.Hls = Hls;
globalThis.openRange = async (streamId, url, endMs) => {
  const video = document.querySelector('video');
  const host = document.querySelector('[data-testid=overlay]');
  const view = new StreamView(streamId, { pages }, () => endMs, (error) => { throw error; });
  await view.load();
  const clock = new PlayerClock();
  const engine = new HlsEngine(video, () => undefined, location.origin);
  const settings = () => ({ boxes: true, labels: true, minScore: 0 });
  const overlay = new FrameOverlay({ video, host, canvas: host.querySelector('canvas'), timeline: engine.timeline, clock, settings });
  const painted = [];
  overlay.onPainted = () => painted.push(clock.frame);
  overlay.start();
  overlay.show(view);
  Object.assign(globalThis, { clock, engine, painted });
  await engine.load(url);
};
</script>`;

/** Serves the frontend's player as it stands in the sources, and everything of Vedette, as if somebody were signed in. */
export class PlayerPage {
  private constructor(private readonly server: Server) {}

  static async start({ api }: VedetteProcess): Promise<PlayerPage> {
    const server = createServer((request, response) => {
      answer(api, request, response).catch((error: unknown) => response.writeHead(500).end(String(error)));
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    return new PlayerPage(server);
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }
}

async function answer(api: VedetteProcess['api'], request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = request.url ?? '/';
  const script = { 'Content-Type': 'text/javascript' };
  if (url === '/') response.writeHead(200, { 'Content-Type': 'text/html' }).end(PAGE);
  else if (url === '/signals.js') response.writeHead(200, script).end(SIGNALS);
  else if (url === '/hls.mjs') response.writeHead(200, script).end(await readFile(join(ROOT, 'node_modules/hls.js/dist/hls.mjs')));
  else if (url.startsWith('/app/')) {
    const source = await readFile(join(APP, `${normalize(url.slice('/app/'.length))}.ts`), 'utf8');
    response.writeHead(200, script).end(stripTypeScriptTypes(source, { mode: 'transform' }));
  } else {
    const { range } = request.headers;
    const answered = await fetch(api.baseUrl + url, { headers: { cookie: api.cookie, ...(range === undefined ? {} : { range }) } });
    const type = answered.headers.get('content-type') ?? 'application/octet-stream';
    response.writeHead(answered.status, { 'Content-Type': type }).end(Buffer.from(await answered.arrayBuffer()));
  }
}
