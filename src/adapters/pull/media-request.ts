import type { MediaRequest } from 'vedette/plugin';
import type { ConfigOf, PullConfig } from './config.js';

type Opened = Pick<MediaRequest, 'format' | 'url' | 'protocols' | 'options' | 'stamps'>;

const RTSP_TRANSPORT = { auto: { rtsp_flags: 'prefer_tcp' }, tcp: { rtsp_transport: 'tcp' }, udp: { rtsp_transport: 'udp' } } as const;
/** Kept for packets that come out of order over UDP. */
const REORDERED_PACKETS = '500';

/** What the reader opens itself; undefined for kinds that are fetched here. */
export function openedBy(config: PullConfig): Opened | undefined {
  switch (config.kind) {
    case 'rtsp':
      return {
        ...{ format: 'rtsp', url: withLogin(config), protocols: ['rtsp', 'rtsps', 'rtp', 'srtp', 'udp', 'tcp', 'tls'], stamps: 'media' },
        options: { ...RTSP_TRANSPORT[config.transport], reorder_queue_size: REORDERED_PACKETS, timeout: microseconds(config.timeout) },
      };
    case 'rtmp':
      return {
        ...{ format: 'flv', url: withLogin(config), protocols: ['rtmp', 'rtmps', 'tcp', 'tls'], stamps: 'media' },
        options: { rtmp_live: 'live', rw_timeout: microseconds(config.timeout) },
      };
    case 'srt':
      return { format: 'mpegts', url: config.url, protocols: ['srt'], options: srtOptions(config), stamps: 'media' };
    default:
      return undefined;
  }
}

function srtOptions({ streamId, passphrase, latency, timeout }: ConfigOf<'srt'>): Record<string, string> {
  return {
    ...{
      mode: 'caller',
      transtype: 'live',
      latency: microseconds(latency),
      connect_timeout: String(timeout),
      timeout: microseconds(timeout),
    },
    ...(streamId !== undefined && { srt_streamid: streamId }),
    ...(passphrase !== undefined && { passphrase }),
  };
}

function withLogin({ url: text, username, password }: ConfigOf<'rtsp' | 'rtmp'>): string {
  const url = new URL(text);
  // Not every character that may stand here means itself to libav.
  if (username !== undefined) url.username = encodeURIComponent(username);
  if (password !== undefined) url.password = encodeURIComponent(password);
  return url.href;
}

const microseconds = (ms: number): string => String(Math.round(ms * 1000));
