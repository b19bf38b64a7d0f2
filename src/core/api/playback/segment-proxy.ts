import { pipeline } from 'node:stream/promises';
import { Inject, Injectable } from '@nestjs/common';
import type { Request, Response as Reply } from 'express';
import { VEDETTE_CONFIG, type VedetteConfig } from '../../config/schema.js';
import { apiError } from '../../errors/api.errors.js';
import type { VedetteError } from '../../errors/errors.js';
import { mediaError } from '../../errors/media.errors.js';
import { reasonOf, saysGone } from '../../media/store/fetch-segment.js';
import { SegmentAddresses } from '../../media/store/segment-addresses.js';
import { segmentType, type Caching } from '../../media/store/send-segment.js';
import { EpochNodes } from '../../persistence/read/epoch-nodes.js';
import { knownIdentity } from '../../media/media-folder-identity.js';
import { isSigned } from '../auth/signed-request.js';

/** Says that a request was sent on once. It is sent on no further. */
const HOP = 'x-vedette-hop';
const ASKED = ['range', 'if-range', 'if-none-match'] as const;
const ANSWERED = ['content-length', 'content-range', 'accept-ranges', 'etag'] as const;
const PASSED_ON = new Set([200, 206, 304, 416]);

export interface SegmentPlace {
  readonly streamId: string;
  readonly epochId: string;
  readonly file: string;
}

/** Segments that other nodes have, sent through as they come. */
@Injectable()
export class SegmentProxy {
  constructor(
    private readonly epochs: EpochNodes,
    private readonly addresses: SegmentAddresses,
    @Inject(VEDETTE_CONFIG) private readonly config: VedetteConfig,
  ) {}

  /**
   * @throws VD_API_NOT_FOUND, VD_MEDIA_SEGMENT_GONE, VD_API_RANGE_UNSATISFIABLE, VD_MEDIA_NO_URL, VD_MEDIA_NODE_AWAY,
   * VD_MEDIA_FETCH_FAILED, VD_MEDIA_LOOP, before anything was sent
   */
  async send(request: Request, reply: Reply, place: SegmentPlace, caching: Caching): Promise<void> {
    const path = `${place.streamId}/${place.epochId}/${place.file}`;
    const nodeId = await this.epochs.of(place.streamId, place.epochId);
    if (nodeId === null || nodeId === (await knownIdentity(this.config.mediaDir))) throw notFound(request, place);
    if (request.headers[HOP] !== undefined)
      throw mediaError('VD_MEDIA_LOOP', `${path} is on the node ${nodeId}, and this API was asked by another that took it for that node`);
    const left = new AbortController();
    reply.once('close', () => left.abort());
    if (reply.destroyed) return;
    try {
      let answer = await this.ask(request, path, nodeId, left.signal);
      if (answer.status === 401 || answer.status === 403) {
        await discard(answer);
        await this.addresses.refused();
        answer = await this.ask(request, path, nodeId, left.signal);
      }
      await refuse(request, answer, place);
      await passOn(request, reply, answer, { name: place.file, caching });
    } catch (error) {
      if (left.signal.aborted) return; // nobody is there to be told
      throw error;
    }
  }

  private async ask(request: Request, path: string, nodeId: string, left: AbortSignal): Promise<Response> {
    const url = await this.addresses.sign({ path, nodeId });
    const { origin } = new URL(url);
    const headers = new Headers({ [HOP]: '1', 'accept-encoding': 'identity' });
    for (const name of ASKED) {
      const value = request.headers[name];
      if (typeof value === 'string') headers.set(name, value);
    }
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(), this.config.media.fetchTimeout);
    try {
      return await fetch(url, {
        method: request.method === 'HEAD' ? 'HEAD' : 'GET',
        headers,
        redirect: 'manual',
        signal: AbortSignal.any([left, late.signal]),
      });
    } catch (error) {
      const why = late.signal.aborted ? `no answer within ${this.config.media.fetchTimeout} ms` : reasonOf(error);
      throw mediaError('VD_MEDIA_NODE_AWAY', `The node ${nodeId} at ${origin}: ${why}`, { cause: error });
    } finally {
      clearTimeout(timer);
    }
  }
}

async function refuse(request: Request, answer: Response, place: SegmentPlace): Promise<void> {
  // Encoded, its length would be another than the one that is passed on.
  if (PASSED_ON.has(answer.status) && !answer.headers.has('content-encoding')) return;
  // The answer to HEAD has no body to say more.
  const isGone = (answer.status === 404 && request.method === 'HEAD') || (await saysGone(answer));
  await discard(answer);
  if (isGone) throw notFound(request, place);
  const where = new URL(answer.url).origin;
  if (answer.status === 508) throw mediaError('VD_MEDIA_LOOP', `${where} does not have ${place.file} either`);
  if (answer.status >= 500) throw mediaError('VD_MEDIA_NODE_AWAY', `${where} answered ${answer.status}`);
  throw mediaError('VD_MEDIA_FETCH_FAILED', `${where} answered ${answer.status}`);
}

async function passOn(
  request: Request,
  reply: Reply,
  answer: Response,
  { name, caching }: { readonly name: string; readonly caching: Caching },
): Promise<void> {
  for (const name of ANSWERED) {
    const value = answer.headers.get(name);
    if (value !== null) reply.setHeader(name, value);
  }
  if (answer.status === 416) {
    await discard(answer);
    reply.removeHeader('content-length');
    throw apiError('VD_API_RANGE_UNSATISFIABLE', 'The range lies outside the segment.');
  }
  reply.status(answer.status).setHeader('Content-Type', segmentType(name)).setHeader('Cache-Control', caching);
  if (answer.body === null || request.method === 'HEAD' || answer.status === 304) {
    await discard(answer);
    reply.end();
    return;
  }
  // A body cut short must not look complete.
  await pipeline(answer.body, reply).catch(() => reply.destroy());
}

const discard = async ({ body }: Response): Promise<void> => body?.cancel().catch(() => undefined);

/** Another machine has to know it from an address that is wrong; for a player there is no difference. */
function notFound(request: Request, { file, epochId }: SegmentPlace): VedetteError {
  const detail = `No segment ${file} in epoch ${epochId}.`;
  return isSigned(request) ? mediaError('VD_MEDIA_SEGMENT_GONE', detail) : apiError('VD_API_NOT_FOUND', detail);
}
