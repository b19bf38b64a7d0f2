import type { PublishGrant } from './source-adapter.js';

/** Core's answer to a page that may publish. */
export interface PageGrant extends PublishGrant {
  /** Address of the browser. */
  readonly remote: string;
}

export interface PageRequest {
  readonly adapterId: string;
  /** What the API role gave the page with it on its way: signed, good once, for one stream and a few seconds. */
  readonly permit: string;
  /** The stream key of a page that nobody has signed in on. */
  readonly key?: string;
  /** Whether the page may take the stream over from whoever publishes to it now. */
  readonly takesOver: (streamId: string) => boolean;
}

/**
 * Lets listeners take media from web pages. A page connects to the API role's WebSocket `/ws/publish`, which knows who is signed in, and
 * which lets it through to a listener that has said where it can be reached. From core's public providers under {@link PAGE_GATE}.
 */
export interface PageGate {
  /** Says where API roles reach the listener: `http://host:port`; undefined: nowhere any more. */
  reachableAt(adapterId: string, url: string | undefined): void;
  /**
   * Takes a permit, and the key that came with it.
   * @throws CodedError why the page may not publish
   */
  admit(request: PageRequest): Promise<PageGrant>;
}

export const PAGE_GATE = Symbol.for('vedette.page-gate');

/** What an API role sends to a listener for pages: a request to upgrade to this protocol, whose bytes are then the page's. */
export const PAGE_PROTOCOL = 'vedette-media';
/** Header with the permit. */
export const PERMIT_HEADER = 'x-vedette-permit';
/** Header with what the page said of what it sends, as JSON. */
export const PAGE_HEADER = 'x-vedette-page';
