import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { CodedError, PAGE_HEADER, PAGE_PROTOCOL, PERMIT_HEADER, z } from 'vedette/plugin';
import { browserError } from './errors.js';

const said = z.strictObject({
  mimeType: z.string().min(1).max(100),
  session: z.string().max(100).optional(),
  takeOver: z.boolean().optional(),
});

/** What an API role asks for a page. */
export interface UpgradeRequest extends z.output<typeof said> {
  readonly permit: string;
  readonly key?: string;
}

/** @throws VD_BROWSER_REQUEST_INVALID */
export function readUpgrade({ headers }: Pick<IncomingMessage, 'headers'>): UpgradeRequest {
  const [permit, page] = [headers[PERMIT_HEADER], headers[PAGE_HEADER]];
  if (headers.upgrade?.toLowerCase() !== PAGE_PROTOCOL || typeof permit !== 'string' || typeof page !== 'string')
    throw browserError('VD_BROWSER_REQUEST_INVALID', 'This is not a request of an API role');
  const parsed = said.safeParse(parseJson(page));
  if (!parsed.success) throw browserError('VD_BROWSER_REQUEST_INVALID', 'What the page sends is not said');
  const key = /^Bearer (\S+)$/.exec(headers.authorization ?? '')?.[1];
  return { ...parsed.data, permit, ...(key !== undefined && { key }) };
}

export function acceptUpgrade(socket: Duplex): void {
  socket.write(`HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: ${PAGE_PROTOCOL}\r\n\r\n`);
}

export function refuseUpgrade(socket: Duplex, error: unknown): void {
  const body = JSON.stringify(refusalOf(error));
  const head = `Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close`;
  socket.end(`HTTP/1.1 403 Forbidden\r\n${head}\r\n\r\n${body}`);
}

/** What a page is told of an error: nothing of one that nobody foresaw. */
export function refusalOf(error: unknown): { code: string; message: string; fix: string; retryable: boolean } {
  if (error instanceof CodedError) {
    const { code, message, fix = '', retryable } = error;
    return { code, message, fix, retryable };
  }
  return { code: 'VD_API_INTERNAL', message: 'Taking the camera failed', fix: 'Read the log of the ingest role.', retryable: true };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
