import { Inject, Injectable } from '@nestjs/common';
import { ingestError, ingestErrors } from '../errors/ingest.errors.js';
import { PagePermits } from '../persistence/access/page-permits.js';
import { INGEST_NODE, type IngestNode } from '../persistence/ownership/stream-owners.js';
import type { PageDoorsDetail } from '../persistence/read/page-doors.js';
import type { PageGate, PageGrant, PageRequest } from '../plugin-api/index.js';
import { StreamPublishGate } from './publish-gate.js';

/** Admits pages that an API role lets through: by who is signed in there, or by the stream key that they bring. */
@Injectable()
export class StreamPageGate implements PageGate {
  private readonly urls = new Map<string, string>();

  constructor(
    private readonly permits: PagePermits,
    private readonly gate: StreamPublishGate,
    @Inject(INGEST_NODE) private readonly node: IngestNode,
  ) {}

  /** For this process' heartbeat, by which API roles find it. */
  get detail(): PageDoorsDetail {
    return { node: this.node.name, pages: Object.fromEntries(this.urls) };
  }

  reachableAt(adapterId: string, url: string | undefined): void {
    if (url === undefined) this.urls.delete(adapterId);
    else this.urls.set(adapterId, url);
  }

  /** @throws VD_INGEST_PERMIT_INVALID, and the coded reason of a refusal */
  async admit({ adapterId, permit, key, takesOver }: PageRequest): Promise<PageGrant> {
    const { streamId, remote, isSignedIn } = await this.permits.take(permit);
    const accepts = (stream: { readonly id: string; readonly adapterId: string }): string | undefined => {
      if (stream.id !== streamId) return 'VD_INGEST_KEY_UNKNOWN';
      return stream.adapterId === adapterId ? undefined : 'VD_INGEST_OTHER_SOURCE';
    };
    const attempt = { accepts, takeover: takesOver(streamId) };
    const answer = isSignedIn
      ? await this.gate.admitSignedIn(streamId, remote, attempt)
      : await this.gate.authorise(key ?? '', remote, attempt);
    if ('refused' in answer) {
      const code = toldCode(answer.refused, isSignedIn);
      throw ingestError(code, ingestErrors[code].title);
    }
    return { ...answer, remote };
  }
}

/** Whoever has no valid key is not told whether there ever was such a key, or such a stream. */
const TOLD_WITHOUT_SIGN_IN: ReadonlySet<string> = new Set([
  'VD_INGEST_STREAM_BUSY',
  'VD_INGEST_TAKEOVER_TOO_SOON',
  'VD_INGEST_PINNED_ELSEWHERE',
  'VD_INGEST_RATE_LIMITED',
  'VD_INGEST_UNAVAILABLE',
]);

function toldCode(code: string, isSignedIn: boolean): keyof typeof ingestErrors {
  if (!isSignedIn && !TOLD_WITHOUT_SIGN_IN.has(code)) return 'VD_INGEST_KEY_UNKNOWN';
  return code in ingestErrors ? (code as keyof typeof ingestErrors) : 'VD_INGEST_UNAVAILABLE';
}
