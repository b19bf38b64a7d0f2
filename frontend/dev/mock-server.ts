#!/usr/bin/env node
/**
 * Vedette's API, feed and HLS, acted out over a generated clip: for work on the dashboard without a database, a camera or
 * a model, and for checking that the overlay belongs to the frame (the clip's barcode says which frame it is).
 *
 *   node dev/mock-server.ts [--port 8080] [--sampling-fps 5] [--dir <clip folder>] [--empty] [--viewer] [--work single|fits|crowded]
 *
 * Sign in with the token `mock`. Serves the built dashboard too, under the headers the real server sends.
 * Keys on its standard input: `d` drops all sockets, `r` answers the next resume with a reset, `o` takes the stream on and off.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';
import { prepareClip } from './clip/clip-files.ts';
import { FRAMES } from './clip/clip-scene.ts';
import { MockAnalysis } from './mock/analysis.ts';
import { isSignedIn, refuse } from './mock/answers.ts';
import { Broadcast } from './mock/broadcast.ts';
import { serveDashboard } from './mock/dashboard-files.ts';
import { MockFeed } from './mock/feed.ts';
import { serveHls } from './mock/hls.ts';
import { readOptions } from './mock/options.ts';
import { RestApi } from './mock/rest-api.ts';
import { Stage } from './mock/stage.ts';

/** Closes a socket of which nobody is signed in, as the real server does. */
const UNAUTHENTICATED = 4401;

const options = readOptions(process.argv.slice(2));
const clip = await prepareClip(options.clipFolder);
const clipStartTick = clip[0]?.firstTick ?? 0;
const stage = new Stage(clipStartTick, options.isEmpty);
const feed = new MockFeed();
const api = new RestApi(stage, feed, options);
const hls = serveHls(stage, clip, options.clipFolder);

const server = createServer((request, response) => {
  const url = new URL(request.url ?? '/', 'http://mock');
  const serve = async (): Promise<void> => {
    if (url.pathname.startsWith('/api/')) await api.serve(request, response, url);
    else if (url.pathname.startsWith('/streaming/')) hls(request, response, url);
    else serveDashboard(request, response, url);
  };
  serve().catch((error: unknown) =>
    refuse(response, { status: 500, code: 'MOCK_BROKE', title: 'The mock broke', detail: String(error), fix: 'Look at its output.' }),
  );
});
new WebSocketServer({ server, path: '/ws' }).on('connection', (socket, request) => {
  if (isSignedIn(request)) feed.serve(socket);
  else socket.close(UNAUTHENTICATED);
});
server.listen(options.port, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  console.log(`mock on http://127.0.0.1:${port}, token "mock", ${FRAMES} frames, every ${options.frameStep}. analysed`);
});

const analysis = new MockAnalysis(clipStartTick, options.frameStep, () => stage.nextId());
const broadcast = stage.live === null ? null : new Broadcast(stage.live, clip, stage, analysis, feed);
void broadcast?.play();

process.stdin.on('data', (data: Buffer) => {
  for (const key of data.toString('utf8').trim()) {
    if (key === 'd') feed.dropAll();
    if (key === 'r') feed.resetNext();
    if (key === 'o') broadcast?.toggle();
  }
});
