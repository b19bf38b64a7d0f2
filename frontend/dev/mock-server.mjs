#!/usr/bin/env node
/**
 * Vedette's API, feed and HLS, acted out over a generated clip: for work on the dashboard without a database, a camera or
 * a model, and for checking that the overlay belongs to the frame (the clip's barcode says which frame it is).
 *
 *   node dev/mock-server.mjs [--port 8080] [--sampling-fps 5] [--dir <clip folder>] [--empty] [--viewer] [--work single|fits|crowded]
 *
 * Sign in with the token `mock`. Serves the built dashboard too, under the headers the real server sends.
 * Keys on its standard input: `d` drops all sockets, `r` answers the next resume with a reset, `o` takes the stream on and off.
 */
import { randomUUID } from 'node:crypto';
import { createReadStream, existsSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { extname, join, normalize, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { WebSocketServer } from 'ws';
import { FPS, FRAMES, HEIGHT, WIDTH, moodOf, prepareClip, thingsIn } from './clip.mjs';
import { instancesOf, SCENES } from './mock-work.mjs';

const { values: options } = parseArgs({
  options: {
    port: { type: 'string', default: '8080' },
    'sampling-fps': { type: 'string', default: '5' },
    dir: { type: 'string', default: join(tmpdir(), 'vedette-mock-clip') },
    empty: { type: 'boolean', default: false },
    viewer: { type: 'boolean', default: false },
    work: { type: 'string', default: 'fits' },
  },
});
const scene = SCENES[options.work];
if (scene === undefined) throw new Error(`--work is one of ${Object.keys(SCENES).join(', ')}`);
const SAMPLING_FPS = Number(options['sampling-fps']);
const STEP = Math.max(1, Math.round(FPS / SAMPLING_FPS));
const ANALYSIS_MS = 900;
const LIVE_WINDOW = 45;
const TICK_US = 1_000_000 / 90_000;
const SPA = resolve(import.meta.dirname, '../dist/frontend/browser');
const CSP =
  "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self' data:; media-src 'self' blob:; connect-src 'self'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'";

const clip = await prepareClip(options.dir);
const clipStartTick = clip[0].firstTick;
const iso = (ms) => new Date(ms).toISOString();
const us = (tick) => Math.round(tick * TICK_US);

/* ---- the stage: one live stream that loops the clip, an epoch per round, and some that are not live ---- */
const bootMs = Date.now();
const base = (name, title, state, minutesAgo, detail, epoch) => ({
  id: randomUUID(),
  name,
  title,
  adapterId: 'rtmp',
  enabled: true,
  private: false,
  state,
  stateDetail: detail,
  stateAt: iso(bootMs - minutesAgo * 60_000),
  createdAt: iso(bootMs - 86_400_000),
  epoch,
  playlistUrl: '',
});
const streams = options.empty
  ? []
  : [
      base('front-gate', 'Front gate', 'live', 4, null, null),
      base('loading-bay', 'Loading bay', 'retrying', 1, 'The publisher fell silent 48 s ago; waiting for it to come back', null),
      base('main-stage', 'Main stage', 'stopped', 190, null, null),
      base('lobby-cam', 'Lobby camera', 'failed', 12, 'No such device: /dev/video0', null),
    ];
for (const stream of streams) stream.playlistUrl = `/streaming/${stream.id}/live.m3u8`;
const live = streams[0] ?? null;
const store = { epochs: [], segments: [], runs: [], detections: [], metrics: [], events: [], observations: [] };
for (const [i, stream] of streams.entries()) {
  if (i === 0) continue;
  stream.epoch = makeEpoch(stream, 3 + i, bootMs - (i * 90 + 60) * 60_000, bootMs - i * 70 * 60_000);
  if (stream.state === 'retrying') stream.epoch.endedAt = stream.stateAt;
  if (stream.state === 'failed') stream.epoch = null;
}

function makeEpoch(stream, ordinal, startedMs, endedMs) {
  return {
    id: randomUUID(),
    streamId: stream.id,
    ordinal,
    state: endedMs === null ? 'open' : 'closed',
    startedAt: iso(startedMs),
    endedAt: endedMs === null ? null : iso(endedMs),
    endReason: endedMs === null ? null : 'publisher-gone',
    ptsOriginUs: us(clipStartTick),
    videoCodec: 'h264',
    audioCodec: 'aac',
    widthPx: WIDTH,
    heightPx: HEIGHT,
  };
}

const ANALYZERS = [
  { id: 'object-detection.objects', title: 'Object detection', queue: 'default' },
  { id: 'visual-analysis.picture', title: 'Visual analysis', queue: 'visual_analysis' },
];
let nextId = 1000;
const numeric = () => String(nextId++);
const openEvents = new Map();

const segmentMs = (entry) => (entry.frames / FPS) * 1000;
const frameOf = (ptsUs) => Math.round(((ptsUs - us(clipStartTick)) * FPS) / 1e6);

/** Frames of a segment that are analysed, as pts. */
function sampledPts(entry) {
  const first = frameOf(us(entry.firstTick));
  const list = [];
  for (let n = first; n < first + entry.frames; n++) if (n % STEP === 0) list.push({ n, ptsUs: us(clipStartTick + (n * 90_000) / FPS) });
  return list;
}

function publish(epoch, entry, index, startMs) {
  const segment = {
    id: numeric(),
    streamId: live.id,
    epochId: epoch.id,
    sequence: index,
    state: 'ready',
    url: `/streaming/${live.id}/${epoch.id}/${String(index).padStart(6, '0')}.ts`,
    sizeBytes: entry.sizeBytes,
    ptsStartUs: us(entry.firstTick),
    ptsEndUs: us(entry.firstTick + (entry.frames * 90_000) / FPS),
    frameCount: entry.frames,
    keyframeCount: 1,
    at: iso(startMs),
  };
  store.segments.push(segment);
  say({ type: 'segment.ready', segment });
  for (const analyzer of ANALYZERS) setTimeout(() => finish(analyzer, epoch, entry, segment), ANALYSIS_MS);
}

function finish(analyzer, epoch, entry, segment) {
  const runId = numeric();
  const common = (ptsUs, ordinal) => ({
    runId,
    ordinal,
    streamId: live.id,
    epochId: epoch.id,
    analyzerId: analyzer.id,
    ptsUs,
    at: iso(Date.parse(epoch.startedAt) + (ptsUs - epoch.ptsOriginUs) / 1000),
  });
  const samples = sampledPts(entry);
  const detections = [];
  const metrics = [];
  const events = [];
  const observations = [];
  const skipped = Math.random() < 0.02;
  if (!skipped && analyzer.queue === 'default') {
    for (const { n, ptsUs } of samples) {
      const mood = moodOf(n);
      if (mood.black) continue;
      for (const { rgb, ...thing } of thingsIn(mood.frozen ? 40 * FPS : n)) {
        const { label, score, trackId, ...box } = thing;
        detections.push({ ...common(ptsUs, detections.length), label, score: score - 0.05 * Math.random(), box, trackId });
      }
    }
  } else if (!skipped) {
    for (const { n, ptsUs } of samples) {
      const mood = moodOf(n);
      const noise = () => (Math.random() - 0.5) * 0.02;
      const put = (name, unit, value) => metrics.push({ ...common(ptsUs, metrics.length), name, unit, value });
      put('brightness', '0..1', mood.black ? 0.01 : 0.32 + 0.3 * mood.day + noise());
      put('contrast', '0..1', mood.black ? 0.01 : 0.24 + 0.12 * mood.day + noise());
      put('sharpness', '0..1', mood.black ? 0 : 0.5 + 0.2 * Math.sin(n / 97) + noise());
      put('motion', '0..1', mood.black || mood.frozen ? 0 : 0.2 + 0.15 * Math.abs(Math.sin(n / 40)) + noise());
      if (n % FPS === 0) {
        const dark = mood.black;
        const colours = dark
          ? [{ hex: '#050607', share: 1 }]
          : [
              ['#2b4a5e', 0.38],
              ['#7f8a6a', 0.24 * (0.5 + mood.day)],
              ['#c68a5c', 0.2],
              ['#33383b', 0.3],
            ].map(([hex, share]) => ({ hex, share }));
        observations.push({ ...common(ptsUs, observations.length), type: 'classification', data: { kind: 'dominant-colours', colours } });
      }
    }
    for (const { n, ptsUs } of samples) events.push(...eventsAt(analyzer, epoch, n, ptsUs));
  }
  const run = {
    id: runId,
    segmentId: segment.id,
    streamId: live.id,
    epochId: epoch.id,
    sequence: segment.sequence,
    queue: analyzer.queue,
    analyzerId: analyzer.id,
    analyzerVersion: '1.0.0',
    configHash: 'mock',
    state: skipped ? 'skipped' : 'done',
    attempt: 1,
    reason: skipped ? 'overload' : null,
    errorCode: null,
    errorMessage: null,
    strategy: 'local',
    strategyReason: 'preferred',
    executedBy: 'mock',
    framesSeen: samples.length,
    framesExpected: samples.length,
    resultCount: detections.length + metrics.length,
    wallMs: 130,
    cpuMs: 120,
    createdAt: iso(Date.now() - ANALYSIS_MS),
    finishedAt: iso(Date.now()),
  };
  store.runs.push(run);
  store.detections.push(...detections);
  store.metrics.push(...metrics);
  store.observations.push(...observations);
  for (const event of events) if (!store.events.includes(event)) store.events.push(event);
  for (const [kind, list] of Object.entries(store)) if (kind !== 'epochs' && list.length > 60_000) list.splice(0, 20_000);
  say({ type: 'run.finished', run, detections, metrics, events: events.map((event) => ({ ...event })), observations, truncated: false });
}

function eventsAt(analyzer, epoch, n, ptsUs) {
  const mood = moodOf(n);
  const before = moodOf(Math.max(0, n - STEP));
  const at = iso(Date.parse(epoch.startedAt) + (ptsUs - epoch.ptsOriginUs) / 1000);
  const changed = [];
  const make = (name, data) => ({
    id: numeric(),
    streamId: live.id,
    epochId: epoch.id,
    analyzerId: analyzer.id,
    key: `${name}-${n}`,
    name,
    state: 'open',
    startPtsUs: ptsUs,
    startAt: at,
    endPtsUs: null,
    endAt: null,
    endReason: null,
    data,
  });
  for (const name of ['black', 'frozen']) {
    if (mood[name] && !openEvents.has(name)) {
      const event = make(name, name === 'black' ? { brightness: 0.01 } : null);
      openEvents.set(name, event);
      changed.push(event);
    } else if (!mood[name] && openEvents.has(name)) {
      const event = openEvents.get(name);
      openEvents.delete(name);
      Object.assign(event, { state: 'closed', endPtsUs: ptsUs, endAt: at, endReason: 'ended' });
      changed.push(event);
    }
  }
  if (mood.scene !== before.scene)
    changed.push(
      Object.assign(make('scene-change', { difference: 0.61 }), { state: 'closed', endPtsUs: ptsUs, endAt: at, endReason: 'ended' }),
    );
  return changed;
}

/* ---- the loop: a backlog of a minute and a half, then in real time ---- */
let running = true;
function openEpoch(startMs) {
  const epoch = makeEpoch(live, store.epochs.length + 1, startMs, null);
  store.epochs.push(epoch);
  live.epoch = epoch;
  say({ type: 'epoch.opened', epoch });
  say({ type: 'stream.changed', stream: live });
  return epoch;
}
function closeEpoch(endMs) {
  for (const [name, event] of openEvents) {
    Object.assign(event, { state: 'closed', endPtsUs: event.startPtsUs, endAt: iso(endMs), endReason: 'epoch-ended' });
    openEvents.delete(name);
  }
  Object.assign(live.epoch, { state: 'closed', endedAt: iso(endMs), endReason: 'publisher-gone' });
  say({ type: 'epoch.closed', epoch: live.epoch });
}
async function loop() {
  let startMs = Date.now() - 90_000;
  for (;;) {
    let epoch = openEpoch(startMs);
    for (const [index, entry] of clip.entries()) {
      const readyMs = startMs + segmentMs(entry);
      if (readyMs > Date.now()) await new Promise((done) => setTimeout(done, readyMs - Date.now()));
      while (!running) await new Promise((done) => setTimeout(done, 200));
      if (live.epoch.state === 'closed') {
        startMs = Date.now() - segmentMs(entry);
        break;
      }
      publish(epoch, entry, index, startMs);
      startMs += segmentMs(entry);
    }
    if (live.epoch.state === 'open') closeEpoch(startMs);
  }
}

/* ---- the feed ---- */
const log = [];
let cursor = 0;
let resetNext = false;
const sockets = new Set();
const topicOf = (message) =>
  message.type.startsWith('stream.') ? 'streams' : `stream:${(message.segment ?? message.run ?? message.epoch).streamId}`;
function say(message) {
  const full = { ...message, cursor: `0.${++cursor}` };
  log.push(full);
  if (log.length > 400) log.shift();
  const text = JSON.stringify(full);
  for (const socket of sockets)
    if (socket.topics.has(topicOf(full)) || (full.type.startsWith('epoch.') && socket.topics.has('streams'))) socket.send(text);
}

const queueFigures = () =>
  ['default', 'visual_analysis', 'logo_detection'].map((name, i) => ({
    name,
    backend: 'postgres',
    waiting: 0,
    active: i < 2 && Math.random() < 0.4 ? 1 : 0,
    delayed: 0,
    failed: i === 2 ? 1 : 0,
    runsQueued: i < 2 && Math.random() < 0.3 ? 1 : 0,
    runsRunning: 0,
    lagMs: i < 2 ? Math.round(Math.random() * 900) : 0,
    lastMinute: { done: i < 2 ? 29 + Math.round(Math.random()) : 0, partial: 0, skipped: i === 1 ? 1 : 0, failed: 0 },
  }));
setInterval(() => {
  const text = JSON.stringify({ type: 'queues', queues: queueFigures() });
  for (const socket of sockets) if (socket.topics.has('queues')) socket.send(text);
}, 1_000).unref();

/* ---- HTTP ---- */
const session = {
  user: { id: randomUUID(), name: options.viewer ? 'viewer' : 'admin', role: options.viewer ? 'viewer' : 'admin' },
  kind: 'session',
  expiresAt: null,
};
const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
  '.ts': 'video/mp2t',
  '.m3u8': 'application/vnd.apple.mpegurl',
};
const signedIn = (request) => /(?:^|; )vedette_session=mock(?:;|$)/.test(request.headers.cookie ?? '');

function json(response, status, body, headers = {}) {
  response.writeHead(status, {
    'content-type': status >= 400 ? 'application/problem+json' : 'application/json',
    'cache-control': 'no-store',
    ...headers,
  });
  response.end(body === undefined ? undefined : JSON.stringify(body));
}
const problem = (response, status, code, title, detail, fix) =>
  json(response, status, { type: 'about:blank', title, status, detail, code, fix });

async function bodyOf(request) {
  let text = '';
  for await (const chunk of request) text += chunk;
  return text === '' ? {} : JSON.parse(text);
}

async function api(request, response, url) {
  const path = url.pathname.slice(4);
  if (path === '/session') {
    if (request.method === 'GET' && !signedIn(request)) return json(response, 200, { user: null, kind: null, expiresAt: null });
    if (request.method === 'POST') {
      const { token } = await bodyOf(request);
      if (token !== 'mock')
        return problem(
          response,
          401,
          'VD_AUTH_TOKEN_INVALID',
          'The token does not open anything',
          'No token like this is waiting to be used.',
          'It may be mistyped, used, expired or revoked: take a fresh one from `vedette token`.',
        );
      return json(response, 200, session, { 'set-cookie': 'vedette_session=mock; HttpOnly; SameSite=Strict; Path=/' });
    }
    if (request.method === 'DELETE')
      return json(response, 204, undefined, { 'set-cookie': 'vedette_session=; HttpOnly; Max-Age=0; Path=/' });
  }
  if (!signedIn(request))
    return problem(response, 401, 'VD_AUTH_REQUIRED', 'Not signed in', 'This needs a session.', 'Sign in with a one-time token.');
  if (path === '/session') return json(response, 200, session);
  if (path === '/queues') return json(response, 200, { items: queueFigures(), next: null });
  if (path === '/plugins')
    return json(response, 200, {
      items: [
        {
          id: 'built-in',
          version: '0.1.0',
          use: 'built-in',
          state: 'loaded',
          error: null,
          analyzers: ANALYZERS.map((a) => ({ ...a, version: '1.0.0', enabled: true, streams: ['*'] })),
          sources: [],
          strategies: [],
        },
      ],
      next: null,
    });
  if (path === '/system')
    return json(response, 200, {
      version: '0.1.0',
      status: 'ok',
      problems: [],
      queueBackend: 'postgres',
      rtmpUrl: `rtmp://${(request.headers.host ?? 'localhost').split(':')[0]}:1935/live`,
      instances: instancesOf(options.work, Date.now(), bootMs),
    });
  if (path === '/strategies') return json(response, 200, { items: scene.strategies, next: null });
  if (path === '/strategies/shadow') return json(response, 200, { items: scene.shadows, next: null });
  if (path === '/capacity' && scene.capacity !== null) return json(response, 200, scene.capacity);
  if (path === '/streams' && request.method === 'POST') {
    const { name, title } = await bodyOf(request);
    if (streams.some((stream) => stream.name === name))
      return problem(
        response,
        409,
        'VD_STREAM_NAME_TAKEN',
        'The name is taken',
        `A stream called "${name}" exists.`,
        'Choose another name, or use that stream.',
      );
    const made = { ...base(name, title, 'pending', 0, null, null), stateAt: iso(Date.now()), createdAt: iso(Date.now()) };
    made.playlistUrl = `/streaming/${made.id}/live.m3u8`;
    streams.push(made);
    say({ type: 'stream.changed', stream: made });
    return json(response, 201, {
      ...made,
      sourceConfig: {},
      key: { id: randomUUID(), hint: 'k9Zq', key: 'vd_mockKeyForLookingAtTheDialog_k9Zq' },
    });
  }
  if (path === '/streams') return json(response, 200, { items: streams, next: null });
  const match = /^\/streams\/([^/]+)\/(\w+)$/.exec(path);
  const stream = match && streams.find((candidate) => candidate.id === match[1]);
  if (!stream) return problem(response, 404, 'VD_API_NOT_FOUND', 'Nothing is here', path, 'Check the address.');
  if (match[2] === 'keys') return json(response, 201, { id: randomUUID(), hint: 'Q2xv', key: 'vd_anotherMockKey_Q2xv' });
  const all = (store[match[2]] ?? []).filter((item) => item.streamId === stream.id);
  const from = Date.parse(url.searchParams.get('from') ?? '') || 0;
  const epochId = url.searchParams.get('epochId');
  const found = all.filter(
    (item) => (epochId === null || item.epochId === epochId) && Date.parse(item.endAt ?? item.at ?? item.startAt ?? item.createdAt) >= from,
  );
  const limit = Number(url.searchParams.get('limit') ?? 100);
  const after = Number(url.searchParams.get('after') ?? 0);
  return json(response, 200, {
    items: found.slice(after, after + limit),
    next: after + limit < found.length ? String(after + limit) : null,
  });
}

function playlist(stream) {
  const segments = stream === live ? store.segments.slice(-LIVE_WINDOW) : [];
  if (segments.length === 0) return null;
  const order = new Map(store.epochs.map((epoch, i) => [epoch.id, i]));
  const lines = [
    '#EXTM3U',
    '#EXT-X-VERSION:6',
    '#EXT-X-TARGETDURATION:2',
    `#EXT-X-MEDIA-SEQUENCE:${store.segments.length - segments.length}`,
    `#EXT-X-DISCONTINUITY-SEQUENCE:${order.get(segments[0].epochId)}`,
  ];
  segments.forEach((segment, i) => {
    if (i > 0 && segment.epochId !== segments[i - 1].epochId) lines.push('#EXT-X-DISCONTINUITY');
    lines.push(
      `#EXT-X-PROGRAM-DATE-TIME:${segment.at}`,
      `#EXTINF:${((segment.ptsEndUs - segment.ptsStartUs) / 1e6).toFixed(6)},`,
      segment.url.replace(`/streaming/${stream.id}/`, ''),
    );
  });
  return lines.join('\n') + '\n';
}

function streaming(request, response, url) {
  if (!signedIn(request)) return problem(response, 401, 'VD_AUTH_REQUIRED', 'Not signed in', 'This needs a session.', 'Sign in.');
  const match = /^\/streaming\/([^/]+)\/(?:live\.m3u8|([^/]+)\/(\d+)\.ts)$/.exec(url.pathname);
  const stream = match && streams.find((candidate) => candidate.id === match[1]);
  if (!stream) return problem(response, 404, 'VD_API_NOT_FOUND', 'Nothing is here', url.pathname, 'Check the address.');
  if (match[3] === undefined) {
    const text = playlist(stream);
    if (text === null) return problem(response, 404, 'VD_API_NOT_FOUND', 'Nothing is here', 'No segments yet.', 'Wait.');
    response.writeHead(200, { 'content-type': TYPES['.m3u8'], 'cache-control': 'no-store' });
    return response.end(text);
  }
  const entry = clip[Number(match[3])];
  if (!entry) return problem(response, 404, 'VD_API_NOT_FOUND', 'Nothing is here', url.pathname, 'Check the address.');
  response.writeHead(200, { 'content-type': TYPES['.ts'] });
  return createReadStream(join(options.dir, entry.file)).pipe(response);
}

function page(response, url) {
  const wanted = join(SPA, normalize(url.pathname));
  const file = wanted.startsWith(SPA) && existsSync(wanted) && statSync(wanted).isFile() ? wanted : join(SPA, 'index.html');
  if (!existsSync(file))
    return problem(response, 503, 'MOCK_NOT_BUILT', 'The dashboard is not built', SPA, 'npm run build --workspace @vedette/frontend');
  response.writeHead(200, {
    'content-type': TYPES[extname(file)] ?? 'application/octet-stream',
    'content-security-policy': CSP,
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-store',
  });
  return createReadStream(file).pipe(response);
}

const server = createServer((request, response) => {
  const url = new URL(request.url ?? '/', 'http://mock');
  const handler = url.pathname.startsWith('/api/')
    ? api(request, response, url)
    : url.pathname.startsWith('/streaming/')
      ? streaming(request, response, url)
      : page(response, url);
  Promise.resolve(handler).catch((error) => problem(response, 500, 'MOCK_BROKE', 'The mock broke', String(error), 'Look at its output.'));
});
const wss = new WebSocketServer({ server, path: '/ws' });
wss.on('connection', (socket, request) => {
  if (!signedIn(request)) return socket.close(4401);
  socket.topics = new Set();
  sockets.add(socket);
  socket.on('close', () => sockets.delete(socket));
  socket.send(JSON.stringify({ type: 'hello', cursor: `0.${cursor}`, serverTime: iso(Date.now()) }));
  socket.on('message', (data) => {
    const message = JSON.parse(String(data));
    if (message.type === 'ping') socket.send(JSON.stringify({ type: 'pong' }));
    if (message.type !== 'subscribe') return;
    socket.topics = new Set(message.topics);
    const since = message.cursor === undefined ? cursor : Number(message.cursor.split('.')[1]);
    const oldest = log.length === 0 ? 0 : Number(log[0].cursor.split('.')[1]) - 1;
    if (resetNext || since < oldest) {
      resetNext = false;
      socket.send(JSON.stringify({ type: 'reset', cursor: `0.${cursor}`, reason: 'the cursor is older than the feed' }));
    } else
      for (const old of log)
        if (Number(old.cursor.split('.')[1]) > since && socket.topics.has(topicOf(old))) socket.send(JSON.stringify(old));
    socket.send(JSON.stringify({ type: 'subscribed', topics: message.topics, cursor: `0.${cursor}` }));
  });
});
server.listen(Number(options.port), '127.0.0.1', () =>
  console.log(`mock on http://127.0.0.1:${server.address().port}, token "mock", ${FRAMES} frames, every ${STEP}. analysed`),
);

if (live) void loop();

process.stdin.on('data', (data) => {
  for (const key of String(data).trim()) {
    if (key === 'd') for (const socket of sockets) socket.terminate();
    if (key === 'r') resetNext = true;
    if (key === 'o' && live) {
      running = !running;
      if (!running) closeEpoch(Date.now());
      Object.assign(live, {
        state: running ? 'live' : 'retrying',
        stateDetail: running ? null : 'The publisher fell silent',
        stateAt: iso(Date.now()),
      });
      say({ type: 'stream.changed', stream: live });
    }
  }
});
