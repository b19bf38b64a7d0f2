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
  | 'limit'
  | 'strangers-network'
  | 'strangers-all'
  | 'publishers'
  | 'deadline'
  | 'unauthorised'
  | 'unknown-app'
  | 'play'
  | 'media-without-permission'
  | 'unsupported-media'
  | 'internal';

/** The peer broke the protocol. */
export const violation = (reason: string): Refusal => new Refusal('protocol', reason);
/** The peer went past a limit. */
export const overLimit = (reason: string): Refusal => new Refusal('limit', reason);
/** Media that Vedette cannot take; the reason is shown to the publisher and the operator alike. */
export const unsupportedMedia = (reason: string): Refusal =>
  new Refusal('unsupported-media', reason, { code: 'NetStream.Publish.Rejected', description: reason });
/** Media from a connection that has no right to send any. */
export const notAPublisher = (): Refusal => new Refusal('media-without-permission', 'media from a connection that does not publish');

export function badKey(reason: string): Refusal {
  const description = 'The stream key is unknown, revoked or missing';
  return new Refusal('unauthorised', reason, { code: 'NetStream.Publish.BadName', description });
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
