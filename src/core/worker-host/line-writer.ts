import { constants, type ServerHttp2Stream } from 'node:http2';
import { MAX_ANSWER_BYTES, MAX_LINE_BYTES } from './protocol/limits.js';
import { workerHostError } from './protocol/errors.js';

/** A worker that takes nothing for this long is gone. */
const DRAIN_TIMEOUT_MS = 30_000;

/** Lines of JSON to a worker, no faster than it takes them. */
export class LineWriter {
  private sentBytes = 0;

  constructor(private readonly stream: ServerHttp2Stream) {}

  /** Sends what may as well be left out while the worker is behind. */
  beat(message: object): void {
    if (!this.stream.writable || this.stream.writableNeedDrain) return;
    this.stream.write(`${JSON.stringify(message)}\n`);
  }

  /**
   * Sends one message and waits until there is room for the next.
   * @param message as an object, or as JSON
   * @throws VD_REMOTE_REFUSED for more than the protocol carries, VD_REMOTE_LOST
   */
  async write(message: object | string): Promise<void> {
    const text = typeof message === 'string' ? message : JSON.stringify(message);
    const sizeBytes = Buffer.byteLength(text) + 1;
    this.sentBytes += sizeBytes;
    if (sizeBytes > MAX_LINE_BYTES)
      throw workerHostError('VD_REMOTE_REFUSED', `a message of ${sizeBytes} bytes: one carries ${MAX_LINE_BYTES}`);
    if (this.sentBytes > MAX_ANSWER_BYTES)
      throw workerHostError('VD_REMOTE_REFUSED', `results of more than ${MAX_ANSWER_BYTES} bytes for one segment`);
    if (!this.stream.writable) throw workerHostError('VD_REMOTE_LOST', 'the worker takes no more of this answer');
    if (!this.stream.write(`${text}\n`)) await this.room();
  }

  private room(): Promise<void> {
    const { stream } = this;
    return new Promise((resolve, reject) => {
      const settle = (): void => {
        clearTimeout(late);
        stream.off('drain', settle).off('close', settle);
        if (stream.writable) resolve();
        else reject(workerHostError('VD_REMOTE_LOST', 'the worker takes no more of this answer'));
      };
      const late = setTimeout(() => stream.close(constants.NGHTTP2_CANCEL), DRAIN_TIMEOUT_MS);
      stream.once('drain', settle).once('close', settle);
    });
  }
}
