import { open } from 'node:fs/promises';
import { mediaError } from '../../errors/media.errors.js';
import { VedetteError } from '../../errors/errors.js';
import { MAX_SEGMENT_BYTES } from './segment-files.js';

/** More than any problem document of ours has. */
const MAX_PROBLEM_BYTES = 8 * 1024;

export interface FetchSegmentOptions {
  /** What it must have; absent: not known. */
  readonly sizeBytes?: number;
  /** For the whole of it. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** A fetch that failed, and whether trying again in a moment may help. */
export class FetchFailure extends Error {
  constructor(
    readonly kind: 'passing' | 'refused' | 'lasting',
    readonly coded: VedetteError,
  ) {
    super(coded.message, { cause: coded });
  }
}

/**
 * Fetches a segment into a file, which is left unfinished when it fails.
 * @returns its size in bytes
 * @throws FetchFailure
 */
export async function fetchSegment(url: string, file: string, { sizeBytes, timeoutMs, signal }: FetchSegmentOptions): Promise<number> {
  const place = placeOf(url);
  const timeout = AbortSignal.timeout(timeoutMs);
  try {
    const response = await fetch(url, {
      redirect: 'manual',
      headers: { accept: 'video/mp2t, video/mp4', 'accept-encoding': 'identity' },
      signal: AbortSignal.any([signal, timeout]),
    });
    try {
      await refuseOdd(response, place);
      refuseSize(Number(response.headers.get('content-length') ?? sizeBytes ?? 0), sizeBytes, place);
      const written = await write(response, file, sizeBytes, place);
      refuseSize(written, sizeBytes, place);
      return written;
    } catch (error) {
      await response.body?.cancel().catch(() => undefined); // it broke by itself
      throw error;
    }
  } catch (error) {
    if (error instanceof FetchFailure) throw error;
    const why = timeout.aborted && !signal.aborted ? `it took longer than ${timeoutMs} ms` : reasonOf(error);
    throw failure('passing', `${place}: ${why}`, error);
  }
}

async function refuseOdd(response: Response, place: string): Promise<void> {
  const { status } = response;
  if (status === 200) return;
  if (await saysGone(response)) throw new FetchFailure('lasting', mediaError('VD_MEDIA_SEGMENT_GONE', `${place} answered ${status}`));
  if (status >= 300 && status < 400) throw failure('lasting', `${place} sends elsewhere (${status}); redirects are not followed`);
  if (status === 401 || status === 403)
    throw failure('refused', `${place} refused the address: ${(await problemCode(response)) ?? status}`);
  if (status >= 500 || status === 429) throw failure('passing', `${place} answered ${status}`);
  throw failure(
    'lasting',
    `${place} answered ${status}${status === 404 ? ', and not as what has segments does: is the address right?' : ''}`,
  );
}

/**
 * Whether whoever has the segments says that this one no longer exists. A web server that knows nothing of us says 404 too, and our own for
 * a path that it does not have: that is a wrong address, and no segment is gone.
 */
export async function saysGone(response: Response): Promise<boolean> {
  return response.status === 410 || (response.status === 404 && (await problemCode(response)) === 'VD_MEDIA_SEGMENT_GONE');
}

/** The code of a problem document of ours; undefined where it is none. */
async function problemCode(response: Response): Promise<string | undefined> {
  if (!(response.headers.get('content-type') ?? '').startsWith('application/problem+json')) return undefined;
  let text = '';
  const decoder = new TextDecoder();
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    if (text.length > MAX_PROBLEM_BYTES) return undefined;
  }
  try {
    const code = (JSON.parse(text) as { code?: unknown } | null)?.code;
    return typeof code === 'string' && /^VD_[A-Z_]{1,60}$/.test(code) ? code : undefined;
  } catch {
    return undefined;
  }
}

function refuseSize(bytes: number, expected: number | undefined, place: string): void {
  if (bytes > MAX_SEGMENT_BYTES) throw failure('lasting', `${place} is larger than ${MAX_SEGMENT_BYTES} bytes: no segment is`);
  if (expected !== undefined && bytes !== expected)
    throw failure('lasting', `${place} has ${bytes} bytes where ${expected} are in the ledger`);
}

async function write(response: Response, file: string, expected: number | undefined, place: string): Promise<number> {
  const limit = Math.min(expected ?? MAX_SEGMENT_BYTES, MAX_SEGMENT_BYTES);
  const handle = await open(file, 'w');
  try {
    let written = 0;
    for await (const chunk of response.body ?? []) {
      written += chunk.byteLength;
      if (written > limit) throw failure('lasting', `${place} sends more than the ${limit} bytes it should`);
      await handle.writeFile(chunk);
    }
    return written;
  } finally {
    await handle.close();
  }
}

/** What may pass is told apart: runs wait for a machine that is away, and fail where it gives something else than it should. */
const failure = (kind: FetchFailure['kind'], detail: string, cause?: unknown): FetchFailure =>
  new FetchFailure(kind, mediaError(kind === 'passing' ? 'VD_MEDIA_NODE_AWAY' : 'VD_MEDIA_FETCH_FAILED', detail, { cause }));

/** Without the signature, which is nobody's to read in a log. */
function placeOf(url: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : null;
  if (parsed === null || !/^https?:$/.test(parsed.protocol))
    throw failure('lasting', 'The address of a segment begins with http:// or https://');
  if (parsed.username !== '' || parsed.password !== '')
    throw failure('lasting', `${parsed.origin}: an address of media holds no user name`);
  return `${parsed.origin}${parsed.pathname}`;
}

/** `fetch` says "fetch failed"; why stands behind it. */
export function reasonOf(error: unknown): string {
  const { message, cause } = error as Error;
  const deeper = cause instanceof Error ? cause.message || (cause as NodeJS.ErrnoException).code : undefined;
  return deeper === undefined || deeper === '' ? message : `${message}: ${deeper}`;
}
