import { browserDeps, type CameraDeps, type CameraRecorder, type CameraSocket, type CameraStream } from './camera-deps';
import { CAMERA_GONE, CONNECTION_LOST, INSECURE_PAGE, NO_TYPE, problemOf, type CameraProblem } from './camera-problem';
import { IDLE, type CameraStatus } from './camera-status';

export interface CameraRequest {
  /** Where Vedette is, without a slash at its end. */
  readonly serverUrl: string;
  /** Name or id of the stream. */
  readonly stream: string;
  /** The stream's key, where nobody is signed in. */
  readonly key?: string;
  /** What the stream's adapter takes, the best first, as `GET /api/sources` gives it. */
  readonly mimeTypes: readonly string[];
  /** As `getUserMedia` takes them. */
  readonly video: MediaTrackConstraints | boolean;
  readonly audio: MediaTrackConstraints | boolean;
  readonly bitsPerSecond?: number;
  /** Ends whoever else sends to the stream from a page. */
  readonly takeOver?: boolean;
}

type Answer =
  | { readonly type: 'accepted' }
  | { readonly type: 'live'; readonly epochId: string }
  | { readonly type: 'progress'; readonly bytes: number }
  | { readonly type: 'ended'; readonly reason: string; readonly problem?: CameraProblem }
  | { readonly type: 'refused'; readonly problem: CameraProblem };

const DEFAULT_BITS_PER_SECOND = 2_500_000;
const KEYFRAME_EVERY_MS = 2_000;
/** Small pieces are soon seen; each is a message. */
const PIECE_MS = 250;
/** More than this unsent: the connection cannot keep up. At least so many seconds of what is recorded. */
const MAX_UNSENT_S = 8;
const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 15_000;
/** How long the last of a recording may take to arrive. */
const END_MS = 10_000;
const NORMAL = 1000;
/** Nobody is signed in, or may not: trying again changes nothing. */
const REFUSED_CODES: ReadonlySet<number> = new Set([4400, 4401, 4403]);

/**
 * Sends what a camera of this browser records to a stream. One connection is one recording, which begins with what a decoder needs: after
 * a lost connection, or one that could not keep up, another recording begins, and what was between is counted as dropped.
 * @example
 *   const camera = new BrowserCamera({ serverUrl, stream: 'door', mimeTypes, video: true, audio: true });
 *   camera.onChange = (status) => show(status);
 *   await camera.open();
 *   video.srcObject = camera.preview;
 *   await camera.stop();
 */
export class BrowserCamera {
  onChange: ((status: CameraStatus) => void) | null = null;
  private readonly request: CameraRequest;
  private readonly deps: CameraDeps;
  private readonly session: string;
  private current: CameraStatus = IDLE;
  private stream: CameraStream | null = null;
  private socket: CameraSocket | null = null;
  private recorder: CameraRecorder | null = null;
  private attempt = 0;
  private takesOver: boolean;
  private cancelRetry: (() => void) | null = null;
  private hasEnded: (() => void) | null = null;

  constructor(request: CameraRequest, deps: CameraDeps = browserDeps()) {
    this.request = request;
    this.deps = deps;
    this.session = deps.newSession();
    this.takesOver = request.takeOver === true;
  }

  get status(): CameraStatus {
    return this.current;
  }

  /** What the camera sees, for a video element; null before it is there. */
  get preview(): MediaStream | null {
    return this.stream as MediaStream | null;
  }

  /** Asks for the camera and begins to send. What goes wrong is in the status: this never rejects. */
  async open(): Promise<void> {
    const { getUserMedia } = this.deps;
    if (getUserMedia === undefined) return this.fail(INSECURE_PAGE);
    const mimeType = this.request.mimeTypes.find((type) => this.deps.isTypeSupported(type));
    if (mimeType === undefined) return this.fail(NO_TYPE);
    this.tell({ state: 'asking', mimeType, problem: null });
    try {
      const { video, audio } = this.request;
      const stream = await getUserMedia({ video, audio });
      if (this.isOver) return stop(stream); // stopped while the person was asked
      this.stream = stream;
      for (const track of stream.getTracks()) track.addEventListener('ended', () => this.gone());
    } catch (error) {
      return this.fail(problemOf(error));
    }
    this.connect();
  }

  /** Sends the last of the recording, waits until Vedette has it, and lets the camera go. */
  async stop(): Promise<void> {
    if (this.isOver) return;
    const { socket, recorder } = this;
    this.cancelRetry?.();
    if (socket !== null && recorder !== null && recorder.state !== 'inactive') {
      this.tell({ state: 'ending' });
      await new Promise<void>((resolve) => {
        const cancel = this.deps.after(END_MS, resolve);
        this.hasEnded = () => {
          cancel();
          resolve();
        };
        recorder.onstop = () => socket.send(JSON.stringify({ type: 'end' }));
        recorder.stop();
      });
    }
    this.letGo();
    this.tell({ state: 'ended' });
  }

  private get isOver(): boolean {
    return this.current.state === 'ended' || this.current.state === 'failed';
  }

  private connect(): void {
    this.cancelRetry = null;
    this.tell({ state: 'connecting', epochId: null, receivedBytes: 0 });
    const url = `${this.request.serverUrl.replace(/^http/, 'ws')}/ws/publish`;
    const socket = this.deps.connect(url);
    this.socket = socket;
    socket.onopen = () => {
      const { stream, key } = this.request;
      const { mimeType } = this.current;
      const takeOver = this.takesOver ? { takeOver: true } : {};
      socket.send(JSON.stringify({ type: 'publish', stream, mimeType, session: this.session, ...(key && { key }), ...takeOver }));
    };
    socket.onmessage = ({ data }) => {
      if (this.socket === socket) this.hear(socket, parse(data));
    };
    socket.onclose = ({ code }) => {
      if (this.socket === socket) this.closed(code);
    };
  }

  private hear(socket: CameraSocket, answer: Answer | null): void {
    switch (answer?.type) {
      case 'accepted':
        return this.begin(socket);
      case 'live':
        this.attempt = 0;
        return this.tell({ epochId: answer.epochId, problem: null });
      case 'progress':
        return this.tell({ receivedBytes: answer.bytes });
      case 'ended':
        if (this.current.state === 'ending') return this.hasEnded?.();
        return this.broken(answer.problem ?? { code: 'CAMERA_ENDED', message: answer.reason, fix: 'Start again.', retryable: false });
      case 'refused':
        return this.broken(answer.problem);
      default: // a newer server may say more
    }
  }

  private begin(socket: CameraSocket): void {
    if (this.stream === null) return;
    // Once it has the stream, a lost connection does not end others' anew.
    this.takesOver = false;
    const recorder = this.deps.record(this.stream, {
      mimeType: this.current.mimeType ?? '',
      videoBitsPerSecond: this.bitsPerSecond,
      videoKeyFrameIntervalDuration: KEYFRAME_EVERY_MS,
    });
    this.recorder = recorder;
    recorder.ondataavailable = ({ data }) => {
      if (this.socket === socket) this.send(socket, data);
    };
    recorder.onerror = () => this.gone();
    recorder.start(PIECE_MS);
    this.tell({ state: 'live', recordings: this.current.recordings + 1, problem: null });
  }

  /** What cannot be sent is not kept: a recording without a piece of it is none, so another one begins. */
  private send(socket: CameraSocket, data: Blob): void {
    if (data.size === 0) return;
    if (socket.bufferedAmount > (this.bitsPerSecond / 8) * MAX_UNSENT_S && this.current.state === 'live') {
      this.tell({ droppedBytes: this.current.droppedBytes + data.size });
      return this.broken({ ...CONNECTION_LOST, code: 'CAMERA_TOO_SLOW', message: 'The connection is too slow for what is recorded' });
    }
    socket.send(data);
    this.tell({ sentBytes: this.current.sentBytes + data.size });
  }

  private get bitsPerSecond(): number {
    return this.request.bitsPerSecond ?? DEFAULT_BITS_PER_SECOND;
  }

  private closed(code: number): void {
    if (this.current.state === 'ending') return this.hasEnded?.();
    const isRefused = REFUSED_CODES.has(code);
    const refusal = {
      code: `CAMERA_CLOSED_${code}`,
      message: 'Vedette does not take this camera',
      fix: 'Sign in again, then start again.',
    };
    this.broken(isRefused ? { ...refusal, retryable: false } : CONNECTION_LOST);
  }

  /** The connection is of no use any more: tries another one, unless that would change nothing. */
  private broken(problem: CameraProblem): void {
    const unsentBytes = this.socket?.bufferedAmount ?? 0;
    this.tell({ droppedBytes: this.current.droppedBytes + unsentBytes });
    this.disconnect();
    if (!problem.retryable) return this.fail(problem);
    this.tell({ state: 'waiting', problem, epochId: null });
    const ceilingMs = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** this.attempt++);
    this.cancelRetry = this.deps.after(Math.round(ceilingMs / 2 + (ceilingMs / 2) * this.deps.random()), () => this.connect());
  }

  private gone(): void {
    if (!this.isOver && this.current.state !== 'ending') this.fail(CAMERA_GONE);
  }

  private fail(problem: CameraProblem): void {
    this.letGo();
    this.tell({ state: 'failed', problem });
  }

  private letGo(): void {
    this.cancelRetry?.();
    this.cancelRetry = null;
    this.disconnect();
    if (this.stream !== null) stop(this.stream);
    this.stream = null;
  }

  private disconnect(): void {
    const { socket, recorder } = this;
    this.socket = this.recorder = null;
    if (recorder !== null && recorder.state !== 'inactive') recorder.stop();
    socket?.close(NORMAL);
  }

  private tell(news: Partial<CameraStatus>): void {
    this.current = { ...this.current, ...news };
    this.onChange?.(this.current);
  }
}

const stop = (stream: CameraStream): void => stream.getTracks().forEach((track) => track.stop());

function parse(data: unknown): Answer | null {
  try {
    return JSON.parse(String(data)) as Answer;
  } catch {
    return null;
  }
}
