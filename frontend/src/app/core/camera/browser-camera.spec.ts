import { beforeEach, describe, expect, it } from 'vitest';
import { BrowserCamera, type CameraRequest } from './browser-camera';
import type { CameraDeps, CameraRecorder, CameraSocket, CameraStream, RecordOptions } from './camera-deps';

class FakeSocket implements CameraSocket {
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;
  bufferedAmount = 0;
  closedBy: number | undefined;
  readonly texts: unknown[] = [];
  readonly blobs: Blob[] = [];
  constructor(readonly url: string) {}
  send(data: string | Blob): void {
    if (typeof data === 'string') this.texts.push(JSON.parse(data));
    else this.blobs.push(data);
  }
  close(code?: number): void {
    this.closedBy ??= code;
  }
  say(message: object): void {
    this.onmessage?.({ data: JSON.stringify(message) });
  }
}

class FakeRecorder implements CameraRecorder {
  ondataavailable: ((event: { data: Blob }) => void) | null = null;
  onstop: (() => void) | null = null;
  onerror: (() => void) | null = null;
  state: 'inactive' | 'recording' | 'paused' = 'inactive';
  constructor(readonly options: RecordOptions) {}
  start(): void {
    this.state = 'recording';
  }
  /** As a real one: the rest comes first. */
  stop(): void {
    this.state = 'inactive';
    this.give(10);
    this.onstop?.();
  }
  give(bytes: number): void {
    this.ondataavailable?.({ data: new Blob([new Uint8Array(bytes)]) });
  }
}

class FakeTrack {
  stopped = false;
  ended: (() => void) | undefined;
  stop(): void {
    this.stopped = true;
  }
  addEventListener(_: 'ended', listener: () => void): void {
    this.ended = listener;
  }
}

let sockets: FakeSocket[];
let recorders: FakeRecorder[];
let timers: { delayMs: number; run: () => void; cancelled: boolean }[];
let track: FakeTrack;
let deps: CameraDeps;

const H264 = 'video/x-matroska;codecs=avc1,opus';
const REQUEST: CameraRequest = {
  serverUrl: 'https://studio.lan/v',
  stream: 'door',
  mimeTypes: [H264, 'video/webm'],
  video: true,
  audio: true,
};
const EPOCH = '00000000-0000-4000-8000-000000000001';

const latest = (): FakeSocket => sockets.at(-1)!;
const recorder = (): FakeRecorder => recorders.at(-1)!;
function fire(): void {
  const timer = timers.findLast(({ cancelled }) => !cancelled);
  timer!.cancelled = true;
  timer!.run();
}
async function live(request: Partial<CameraRequest> = {}): Promise<BrowserCamera> {
  const camera = new BrowserCamera({ ...REQUEST, ...request }, deps);
  await camera.open();
  accept();
  return camera;
}
function accept(): void {
  latest().onopen?.();
  latest().say({ type: 'accepted' });
  recorder().give(100);
  latest().say({ type: 'live', epochId: EPOCH });
}

beforeEach(() => {
  [sockets, recorders, timers, track] = [[], [], [], new FakeTrack()];
  deps = {
    getUserMedia: async () => ({ getTracks: () => [track] }) as CameraStream,
    isTypeSupported: (type) => type === H264 || type === 'video/webm',
    record: (_, options) => {
      recorders.push(new FakeRecorder(options));
      return recorder();
    },
    connect: (url) => {
      sockets.push(new FakeSocket(url));
      return latest();
    },
    random: () => 0,
    newSession: () => 'a-session',
    after: (delayMs, run) => {
      const timer = { delayMs, run, cancelled: false };
      timers.push(timer);
      return () => (timer.cancelled = true);
    },
  };
});

describe('BrowserCamera', () => {
  it('says what it records, waits to be accepted, and sends each piece', async () => {
    const camera = await live({ key: 'a-key', takeOver: true });
    expect(latest().url).toBe('wss://studio.lan/v/ws/publish');
    expect(latest().texts).toEqual([
      { type: 'publish', stream: 'door', mimeType: H264, session: 'a-session', key: 'a-key', takeOver: true },
    ]);
    expect(recorder().options).toEqual({ mimeType: H264, videoBitsPerSecond: 2_500_000, videoKeyFrameIntervalDuration: 2000 });
    recorder().give(50);
    latest().say({ type: 'progress', bytes: 150, videoFrames: 3 });
    expect(latest().blobs.map(({ size }) => size)).toEqual([100, 50]);
    expect(camera.status).toMatchObject({
      state: 'live',
      epochId: EPOCH,
      sentBytes: 150,
      receivedBytes: 150,
      recordings: 1,
      droppedBytes: 0,
    });
  });

  it('takes the first type that the browser records', async () => {
    deps = { ...deps, isTypeSupported: (type) => type === 'video/webm' };
    expect((await live()).status.mimeType).toBe('video/webm');
    deps = { ...deps, isTypeSupported: () => false };
    const camera = new BrowserCamera(REQUEST, deps);
    await camera.open();
    expect(camera.status).toMatchObject({ state: 'failed', problem: { code: 'CAMERA_NO_TYPE' } });
  });

  it.each([
    ['NotAllowedError', 'CAMERA_DENIED'],
    ['NotFoundError', 'CAMERA_NOT_FOUND'],
    ['NotReadableError', 'CAMERA_IN_USE'],
    ['OverconstrainedError', 'CAMERA_MODE'],
    ['AbortError', 'CAMERA_FAILED'],
  ])('says what to do about %s', async (name, code) => {
    const camera = new BrowserCamera(REQUEST, { ...deps, getUserMedia: async () => Promise.reject(new DOMException('no', name)) });
    await camera.open();
    expect(camera.status).toMatchObject({ state: 'failed', problem: { code, fix: expect.stringMatching(/\S/) } });
    expect(sockets).toEqual([]);
  });

  it('says that a page without HTTPS has no camera', async () => {
    const camera = new BrowserCamera(REQUEST, { ...deps, getUserMedia: undefined });
    await camera.open();
    expect(camera.status.problem).toMatchObject({ code: 'CAMERA_INSECURE_PAGE', fix: expect.stringContaining('https://') });
  });

  it('sends the last of it before it says that nothing more comes, and lets the camera go', async () => {
    const camera = await live();
    const stopping = camera.stop();
    expect(camera.status.state).toBe('ending');
    expect(latest().blobs.map(({ size }) => size)).toEqual([100, 10]);
    expect(latest().texts.at(-1)).toEqual({ type: 'end' });
    expect(track.stopped).toBe(false);
    latest().say({ type: 'ended', reason: 'the page ended it' });
    await stopping;
    expect(camera.status).toMatchObject({ state: 'ended', problem: null, sentBytes: 110 });
    expect([track.stopped, latest().closedBy]).toEqual([true, 1000]);
  });

  it('does not wait for an answer for ever', async () => {
    const camera = await live();
    const stopping = camera.stop();
    fire();
    await stopping;
    expect(camera.status.state).toBe('ended');
  });

  it('begins another recording after a lost connection, under the same session and without taking over anew', async () => {
    const camera = await live({ takeOver: true });
    const [first, lost] = [recorder(), latest()];
    lost.bufferedAmount = 70;
    lost.onclose?.({ code: 1006 });
    expect(camera.status).toMatchObject({ state: 'waiting', epochId: null, droppedBytes: 70, problem: { code: 'CAMERA_CONNECTION_LOST' } });
    expect([first.state, track.stopped]).toEqual(['inactive', false]);
    expect(timers.at(-1)!.delayMs).toBe(250);
    fire();
    accept();
    expect(latest().texts).toEqual([{ type: 'publish', stream: 'door', mimeType: H264, session: 'a-session' }]);
    expect(camera.status).toMatchObject({ state: 'live', recordings: 2, problem: null });
    first.give(500);
    expect(latest().blobs.map(({ size }) => size)).toEqual([100]);
  });

  it('waits longer from attempt to attempt, up to a limit', async () => {
    await live();
    const delays = Array.from({ length: 8 }, () => {
      latest().onclose?.({ code: 1006 });
      const { delayMs } = timers.at(-1)!;
      fire();
      return delayMs;
    });
    expect(delays).toEqual([250, 500, 1000, 2000, 4000, 7500, 7500, 7500]);
  });

  it('begins anew, and says what was dropped, when the connection cannot keep up', async () => {
    const camera = await live({ bitsPerSecond: 800_000 });
    latest().bufferedAmount = 800_001;
    recorder().give(5000);
    expect(latest().blobs.map(({ size }) => size)).toEqual([100]);
    expect(camera.status).toMatchObject({ state: 'waiting', problem: { code: 'CAMERA_TOO_SLOW' }, droppedBytes: 805_001 });
    expect(latest().closedBy).toBe(1000);
    fire();
    accept();
    expect(camera.status).toMatchObject({ state: 'live', recordings: 2 });
  });

  it('tries again what may work later, and nothing else', async () => {
    const camera = await live();
    const problem = { code: 'VD_INGEST_NOWHERE', message: 'nowhere', fix: 'look', retryable: true };
    latest().say({ type: 'ended', reason: 'x', problem });
    expect(camera.status).toMatchObject({ state: 'waiting', problem });
    fire();
    latest().onopen?.();
    latest().say({ type: 'refused', problem: { ...problem, code: 'VD_INGEST_STREAM_DISABLED', retryable: false } });
    expect(camera.status).toMatchObject({ state: 'failed', problem: { code: 'VD_INGEST_STREAM_DISABLED' } });
    expect(track.stopped).toBe(true);
  });

  it.each([4401, 4403])('gives up when the connection is closed by %i', async (code) => {
    const camera = await live();
    latest().onclose?.({ code });
    expect(camera.status).toMatchObject({ state: 'failed', problem: { retryable: false } });
  });

  it('says that the camera is gone', async () => {
    const camera = await live();
    track.ended?.();
    expect(camera.status).toMatchObject({ state: 'failed', problem: { code: 'CAMERA_GONE' } });
  });

  it('does not begin when it was stopped while the person was asked', async () => {
    let allow: (stream: CameraStream) => void = () => undefined;
    const asked = new Promise<CameraStream>((resolve) => (allow = resolve));
    const camera = new BrowserCamera(REQUEST, { ...deps, getUserMedia: () => asked });
    const opening = camera.open();
    await camera.stop();
    allow({ getTracks: () => [track] });
    await opening;
    expect([camera.status.state, track.stopped, sockets.length]).toEqual(['ended', true, 0]);
  });

  it('tells each change', async () => {
    const camera = new BrowserCamera(REQUEST, deps);
    const states: string[] = [];
    camera.onChange = ({ state }) => states.push(state);
    await camera.open();
    accept();
    const stopping = camera.stop();
    latest().say({ type: 'ended', reason: 'x' });
    await stopping;
    expect([...new Set(states)]).toEqual(['asking', 'connecting', 'live', 'ending', 'ended']);
  });
});
