import type { Logger } from 'vedette/plugin';
import { rtmpConfigSchema, type RtmpConfigInput } from '../config.js';
import { RtmpListener } from '../rtmp-listener.js';
import { FakePublishGate } from './fake-publish-gate.js';

/** A logger that keeps its lines, to prove what they do not hold. */
export class KeptLog implements Logger {
  readonly lines: string[] = [];
  debug = (message: string, fields?: Record<string, unknown>) => this.keep(message, fields);
  info = this.debug;
  warn = this.debug;
  error = this.debug;
  private keep(message: string, fields?: Record<string, unknown>): void {
    this.lines.push(`${message} ${JSON.stringify(fields ?? {})}`);
  }
}

export interface ListenerHarness {
  readonly gate: FakePublishGate;
  readonly rtmp: RtmpListener;
  readonly log: KeptLog;
  readonly port: number;
  url(key: string, app?: string): string;
}

/** A listener on a free loopback port in front of a fake gate. */
export async function startListener(config: RtmpConfigInput = {}): Promise<ListenerHarness> {
  const gate = new FakePublishGate();
  const log = new KeptLog();
  const settings = rtmpConfigSchema.parse({ host: '127.0.0.1', port: 0, ...config });
  const rtmp = await RtmpListener.open(settings, gate, log, new AbortController().signal);
  return { gate, rtmp, log, port: rtmp.port, url: (key, app = 'live') => `rtmp://127.0.0.1:${rtmp.port}/${app}/${key}` };
}
