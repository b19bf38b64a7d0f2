import type { FullPlaces, PublishGate } from 'vedette/plugin';
import { rtmpFixes } from './errors.js';

/** What the peer is told before its socket is closed; absent where the protocol has no words for it. */
export interface RefusalStatus {
  readonly code: string;
  readonly description: string;
}

/**
 * Thrown while a socket's bytes are handled: ends that connection and nothing else. `kind` is what is counted and logged,
 * `reason` is for a person and never holds anything the peer sent.
 */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  constructor(
    readonly kind: RefusalKind,
    readonly reason: string,
    readonly status?: RefusalStatus,
  ) {
    super(reason);
  }
}

export type RefusalKind =
  | 'protocol'
  | 'network'
  | 'limit'
  | 'strangers-network'
  | 'strangers-all'
  | 'publishers'
  | 'deadline'
  | 'key-missing'
  | 'key-refused'
  | 'unknown-app'
  | 'play'
  | 'media-without-permission'
  | 'unsupported-media'
  | 'internal';

/** What a publisher with a valid key is told; of any other it is not said whether there is such a key. */
const TOLD_TO_OWNERS: Readonly<Record<string, string>> = {
  VD_INGEST_STREAM_BUSY: 'Another encoder publishes to this stream already',
  VD_INGEST_TAKEOVER_TOO_SOON: 'Another encoder and this one take the stream from each other: wait, or stop one of them',
};

/** Codes of the refusals that the audit trail keeps; core records refused stream keys by itself. */
const AUDITED_CODES: { readonly [kind in RefusalKind]?: string } = {
  'key-missing': 'VD_INGEST_KEY_UNKNOWN',
  'strangers-network': 'VD_RTMP_STRANGERS_FULL',
  'strangers-all': 'VD_RTMP_STRANGERS_FULL',
  network: 'VD_RTMP_NETWORK_REFUSED',
  publishers: 'VD_RTMP_PUBLISHERS_FULL',
  'unknown-app': 'VD_RTMP_APP_UNKNOWN',
  play: 'VD_RTMP_PLAY_CLOSED',
  'media-without-permission': 'VD_RTMP_NOT_AUTHORISED',
};

/** The peer broke the protocol. */
export const violation = (reason: string): Refusal => new Refusal('protocol', reason);
/** The peer went past a limit. */
export const overLimit = (reason: string): Refusal => new Refusal('limit', reason);
/** Media that Vedette cannot take; the reason is shown to the publisher and the operator alike. */
export const unsupportedMedia = (reason: string): Refusal =>
  new Refusal('unsupported-media', reason, { code: 'NetStream.Publish.Rejected', description: reason });
/** The places of those without a key are full, and this connection has one of them for longest. */
export function strangersFull(full: FullPlaces): Refusal {
  const whose = full === 'network' ? 'of its network' : 'of all networks together';
  return new Refusal(`strangers-${full}`, `too many connections without an accepted stream key ${whose}: the oldest is closed`);
}
export const outsideNetworks = (): Refusal => new Refusal('network', 'not of the networks that may connect');
/** Media from a connection that has no right to send any. */
export const notAPublisher = (): Refusal => new Refusal('media-without-permission', 'media from a connection that does not publish');

const BAD_KEY = { code: 'NetStream.Publish.BadName', description: 'The stream key is unknown, revoked or missing' };
export const keyMissing = (): Refusal => new Refusal('key-missing', 'no usable stream key', BAD_KEY);
/** @param code core's reason */
export function keyRefused(code: string): Refusal {
  const description = TOLD_TO_OWNERS[code];
  return new Refusal('key-refused', `stream key refused (${code})`, description === undefined ? BAD_KEY : { ...BAD_KEY, description });
}

/** Tells core of a refusal that it did not speak itself. */
export function tellRefusal(gate: PublishGate, remote: string, { kind, reason }: Refusal, app: string | undefined): void {
  const code = AUDITED_CODES[kind];
  if (code === undefined) return;
  // A missing key is core's to explain.
  gate.refused(remote, code, code in rtmpFixes ? { app, reason, fix: rtmpFixes[code] } : { app });
}

export function tooManyPublishers(max: number): Refusal {
  const reason = `${max} publishers are connected already: raise plugins[].sources.rtmp.maxPublishers`;
  return new Refusal('publishers', reason, { code: 'NetStream.Publish.Rejected', description: 'Too many publishers' });
}

/** What a connected peer is told when its connection is closed for a reason that has no words of its own in the protocol. */
export function closingStatus(reason: string, isPublishing: boolean, isClean: boolean): RefusalStatus {
  const code = !isPublishing ? 'NetConnection.Connect.Closed' : isClean ? 'NetStream.Unpublish.Success' : 'NetStream.Failed';
  return { code, description: reason };
}
