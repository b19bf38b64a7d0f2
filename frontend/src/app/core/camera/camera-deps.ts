/** What a camera needs of the browser; tests bring their own. */
export interface CameraDeps {
  /** Undefined on pages without HTTPS. */
  getUserMedia: ((constraints: MediaStreamConstraints) => Promise<CameraStream>) | undefined;
  isTypeSupported(mimeType: string): boolean;
  record(stream: CameraStream, options: RecordOptions): CameraRecorder;
  connect(url: string): CameraSocket;
  random(): number;
  newSession(): string;
  /** Calls back once after `delayMs`; the returned function cancels. */
  after(delayMs: number, run: () => void): () => void;
}

/** The part of MediaStream that is used. */
export interface CameraStream {
  getTracks(): readonly { stop(): void; addEventListener(type: 'ended', listener: () => void): void }[];
}

export interface RecordOptions {
  readonly mimeType: string;
  readonly videoBitsPerSecond: number;
  /** In ms; a browser that does not know it has keyframes of its own. */
  readonly videoKeyFrameIntervalDuration: number;
}

/** The part of MediaRecorder that is used. */
export interface CameraRecorder {
  ondataavailable: ((event: { data: Blob }) => void) | null;
  onstop: (() => void) | null;
  onerror: (() => void) | null;
  readonly state: 'inactive' | 'recording' | 'paused';
  start(timesliceMs: number): void;
  stop(): void;
}

/** The part of WebSocket that is used. */
export interface CameraSocket {
  onopen: (() => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: ((event: { code: number }) => void) | null;
  readonly bufferedAmount: number;
  send(data: string | Blob): void;
  close(code?: number): void;
}

/** The real ones. */
export const browserDeps = (): CameraDeps => ({
  // Without HTTPS there is none, whatever the types say.
  getUserMedia: (navigator.mediaDevices as MediaDevices | undefined)?.getUserMedia.bind(navigator.mediaDevices),
  isTypeSupported: (mimeType) => 'MediaRecorder' in globalThis && MediaRecorder.isTypeSupported(mimeType),
  record: (stream, options) => new MediaRecorder(stream as MediaStream, options) as CameraRecorder,
  connect: (url) => new WebSocket(url) as CameraSocket,
  random: () => Math.random(),
  newSession: () => crypto.randomUUID(),
  after: (delayMs, run) => {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
});
