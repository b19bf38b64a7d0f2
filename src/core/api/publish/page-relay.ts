import { request as httpRequest, type ClientRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP, type Socket } from 'node:net';
import { hostname } from 'node:os';
import { json } from 'node:stream/consumers';
import { Injectable, Logger } from '@nestjs/common';
import { CodedError, errorText, PAGE_HEADER, PAGE_PROTOCOL, PERMIT_HEADER } from '../../plugin-api/index.js';
import { ingestError } from '../../errors/ingest.errors.js';
import { PagePermits } from '../../persistence/access/page-permits.js';
import { PageDoors, type PageDoor } from '../../persistence/read/page-doors.js';
import { pageProblem } from '../../wire/page-publish.wire.js';

/** Longer than an ingest role waits for the publisher before to leave. */
const ANSWER_TIMEOUT_MS = 15_000;

export interface RelayRequest {
  readonly stream: { readonly id: string; readonly adapterId: string; readonly node: string | null };
  /** Address of the browser. */
  readonly remote: string;
  readonly isSignedIn: boolean;
  readonly key?: string | undefined;
  /** What the listener is told of what comes. */
  readonly page: Readonly<Record<string, unknown>>;
}

/** Finds the ingest role that takes a page's media, and opens the way to it. */
@Injectable()
export class PageRelay {
  private readonly logger = new Logger(PageRelay.name);

  constructor(
    private readonly doors: PageDoors,
    private readonly permits: PagePermits,
  ) {}

  /**
   * @returns a connection. What is written to it is the recording: complete when it is ended, lost when it is reset. What it gives
   * are lines of JSON for the page.
   * @throws CodedError the refusal of the ingest role; VD_INGEST_NOWHERE
   */
  async open(request: RelayRequest): Promise<Socket> {
    const { stream, remote, isSignedIn } = request;
    const doors = await this.doors.of(stream.adapterId, stream);
    let why = `no ingest role takes pages for "${stream.adapterId}"`;
    for (const door of doors) {
      if (isElsewhere(door)) {
        why = `the ingest role on ${door.host} takes pages at ${door.url} only, which is an address of its own machine`;
        continue;
      }
      const permit = await this.permits.give({ streamId: stream.id, remote, isSignedIn });
      try {
        return await this.knock(door, request, permit);
      } catch (error) {
        if (error instanceof CodedError) throw error;
        why = `${door.url} on ${door.host}: ${errorText(error)}`;
        this.logger.warn(`A page could not be let through to ${why}`);
      }
    }
    throw ingestError('VD_INGEST_NOWHERE', why);
  }

  private async knock({ url }: PageDoor, { key, page }: RelayRequest, permit: string): Promise<Socket> {
    const headers = {
      Connection: 'Upgrade',
      Upgrade: PAGE_PROTOCOL,
      [PERMIT_HEADER]: permit,
      [PAGE_HEADER]: JSON.stringify(page),
      ...(key !== undefined && { Authorization: `Bearer ${key}` }),
    };
    const { promise, resolve, reject } = Promise.withResolvers<Socket>();
    const asking: ClientRequest = (url.startsWith('https:') ? httpsRequest : httpRequest)(new URL('/publish', url), {
      headers,
      agent: false,
    });
    const late = setTimeout(() => asking.destroy(new Error(`no answer within ${ANSWER_TIMEOUT_MS} ms`)), ANSWER_TIMEOUT_MS);
    asking.on('error', reject);
    asking.on('upgrade', (_answer, socket, head) => {
      if (head.length > 0) socket.unshift(head);
      resolve(socket as Socket);
    });
    asking.on('response', (answer) => void refusalIn(answer).then(reject, reject));
    asking.end();
    return promise.finally(() => clearTimeout(late));
  }
}

/** A loopback address means another machine to us. */
function isElsewhere({ url, host }: PageDoor): boolean {
  const name = new URL(url).hostname.replace(/^\[|\]$/g, '');
  const isLoopback = name === 'localhost' || name === '::1' || (isIP(name) === 4 && name.startsWith('127.'));
  return isLoopback && host !== hostname();
}

async function refusalIn(answer: IncomingMessage): Promise<Error> {
  const told = pageProblem.safeParse(await json(answer).catch(() => undefined));
  if (!told.success) return new Error(`it answered ${answer.statusCode}`);
  const { code, message, fix, retryable } = told.data;
  return new CodedError(code, message, fix, { retryable });
}
