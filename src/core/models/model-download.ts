import { createWriteStream } from 'node:fs';
import { readFile, rm, stat, statfs } from 'node:fs/promises';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { dirname } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { LookupFunction } from 'node:net';
import { modelError } from '../errors/model.errors.js';
import { writeWholeFile } from '../plugin-api/index.js';
import { checkUrl, guardedLookup, shownUrl, type AddressRules } from './host-guard.js';

const MAX_REDIRECTS = 5;
/** Fewer bytes than this in a whole stall timeout are a server that only keeps the line open. */
const LEAST_BYTES = 16 * 1024;
/** What a disk keeps free besides the model. */
const RESERVE_BYTES = 64 * 1024 * 1024;

export interface DownloadRules extends AddressRules {
  readonly stallTimeoutMs: number;
}

export interface DownloadTarget {
  readonly url: string;
  readonly sha256: string;
  readonly sizeBytes: number;
  /** File that grows; kept when the download ends early. */
  readonly part: string;
}

/** Stand-ins for the world outside, in tests. */
export interface DownloadParts {
  readonly resolve?: LookupFunction;
  readonly freeBytes?: (folder: string) => Promise<number>;
}

interface PartFacts {
  readonly url: string;
  readonly sha256: string;
  /** Strong ETag or date by which the server can say that it is still the same file. */
  readonly validator: string | null;
}

/** Fetches one file into its part, from where the last attempt ended. */
export class ModelDownload {
  /** Whether the part was put together from more than one answer. */
  resumed = false;

  constructor(
    private readonly target: DownloadTarget,
    private readonly rules: DownloadRules,
    private readonly parts: DownloadParts = {},
  ) {}

  /**
   * One attempt. When it returns, the part has its full size; its content is not checked yet.
   * @param onBytes called with the part's size as it grows
   * @throws VD_MODEL_DOWNLOAD_FAILED (worth another attempt), VD_MODEL_DOWNLOAD_REFUSED, VD_MODEL_ADDRESS_REFUSED, VD_MODEL_SIZE,
   *   VD_MODEL_NO_SPACE, or the signal's reason
   */
  async attempt(signal: AbortSignal, onBytes: (bytes: number) => void): Promise<void> {
    const { part, sizeBytes } = this.target;
    const known = await this.known();
    const have = known?.bytes ?? 0;
    onBytes(have);
    if (have === sizeBytes) return;
    await this.checkSpace(sizeBytes - have);
    const abort = new AbortController();
    const both = AbortSignal.any([signal, abort.signal]);
    let received = 0;
    let seen = 0;
    const stall = setInterval(() => {
      if (received - seen < LEAST_BYTES) abort.abort(this.failed(`it sent ${received - seen} bytes in ${this.rules.stallTimeoutMs} ms`));
      seen = received;
    }, this.rules.stallTimeoutMs);
    try {
      const response = await this.open(known, both);
      const from = await this.begin(response, have);
      onBytes(from);
      const meter = new Transform({
        transform: (chunk: Buffer, _, done) => {
          received += chunk.length;
          if (from + received > sizeBytes) return done(this.size(`more than ${sizeBytes} bytes come`));
          onBytes(from + received);
          done(null, chunk);
        },
      });
      await pipeline(response, meter, createWriteStream(part, { flags: from > 0 ? 'a' : 'w', flush: true }), { signal: both });
      if (from + received < sizeBytes) throw this.failed(`the connection ended after ${from + received} of ${sizeBytes} bytes`);
    } catch (error) {
      signal.throwIfAborted();
      throw this.explained(abort.signal.aborted ? abort.signal.reason : error);
    } finally {
      clearInterval(stall);
    }
  }

  /** Throws away what is there. */
  async discard(): Promise<void> {
    await rm(this.target.part, { force: true });
    await rm(this.factsFile, { force: true });
    this.resumed = false;
  }

  private get factsFile(): string {
    return `${this.target.part}.json`;
  }

  /** What is there of this very file; anything else is thrown away. */
  private async known(): Promise<(PartFacts & { readonly bytes: number }) | null> {
    const facts = await readFile(this.factsFile, 'utf8')
      .then((text) => JSON.parse(text) as PartFacts)
      .catch(() => null);
    const bytes = await stat(this.target.part).then(
      ({ size }) => size,
      () => 0,
    );
    if (facts?.sha256 === this.target.sha256 && facts.url === this.target.url && bytes <= this.target.sizeBytes) return { ...facts, bytes };
    await this.discard();
    return null;
  }

  private async checkSpace(neededBytes: number): Promise<void> {
    const folder = dirname(this.target.part);
    const freeBytes = await (this.parts.freeBytes ?? spaceIn)(folder);
    if (freeBytes < neededBytes + RESERVE_BYTES)
      throw modelError('VD_MODEL_NO_SPACE', `${folder} has ${freeBytes} bytes free; ${neededBytes} are missing`);
  }

  /** Follows redirects, each of which is checked as the first address was. */
  private async open(known: (PartFacts & { readonly bytes: number }) | null, signal: AbortSignal): Promise<IncomingMessage> {
    const headers: Record<string, string> = { accept: '*/*', 'accept-encoding': 'identity', 'user-agent': 'vedette' };
    if (known !== null && known.bytes > 0) {
      headers['range'] = `bytes=${known.bytes}-`;
      if (known.validator !== null) headers['if-range'] = known.validator;
    }
    let url = new URL(this.target.url);
    for (let hops = 0; ; hops++) {
      checkUrl(url, this.rules);
      const response = await this.request(url, headers, signal);
      const { statusCode = 0, headers: answer } = response;
      if (![301, 302, 303, 307, 308].includes(statusCode)) return response;
      response.destroy();
      if (hops === MAX_REDIRECTS)
        throw modelError('VD_MODEL_DOWNLOAD_REFUSED', `${shownUrl(new URL(this.target.url))} leads on more than ${MAX_REDIRECTS} times`);
      if (answer.location === undefined || !URL.canParse(answer.location, url.href))
        throw this.failed(`${shownUrl(url)} answers ${statusCode} without an address`);
      url = new URL(answer.location, url);
    }
  }

  private request(url: URL, headers: Record<string, string>, signal: AbortSignal): Promise<IncomingMessage> {
    const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
    const lookup = guardedLookup(url, this.rules, this.parts.resolve);
    return new Promise((resolve, reject) => {
      // No kept connection: each is made to an address that was checked for it.
      send(url, { method: 'GET', headers, agent: false, lookup, signal, maxHeaderSize: 32 * 1024 }, resolve)
        .on('error', reject)
        .end();
    });
  }

  /** Holds the answer against what was asked for. @returns the byte that the body begins with */
  private async begin(response: IncomingMessage, have: number): Promise<number> {
    const { statusCode = 0, headers } = response;
    const { sizeBytes } = this.target;
    const refuse = (error: Error): never => {
      response.destroy();
      throw error;
    };
    if (statusCode === 416) {
      await this.discard();
      return refuse(this.failed('the server has not as many bytes as were fetched already; the part is thrown away'));
    }
    if (statusCode === 429 || statusCode >= 500) return refuse(this.failed(`the server answers ${statusCode}`));
    if (statusCode !== 200 && statusCode !== 206)
      return refuse(modelError('VD_MODEL_DOWNLOAD_REFUSED', `${this.shown} answers ${statusCode}`));
    if ((headers['content-encoding'] ?? 'identity') !== 'identity') {
      return refuse(modelError('VD_MODEL_DOWNLOAD_REFUSED', `${this.shown} sends the file packed (${headers['content-encoding']})`));
    }
    const validator = strongValidator(headers);
    if (statusCode === 200) {
      const length = headers['content-length'];
      if (length !== undefined && Number(length) !== sizeBytes) {
        return refuse(
          this.size(`the server has ${length} bytes (${headers['content-type'] ?? 'of unknown type'}), the entry says ${sizeBytes}`),
        );
      }
      await this.remember(validator);
      return 0;
    }
    const [, start, total] = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(headers['content-range'] ?? '') ?? [];
    if (total !== undefined && total !== '*' && Number(total) !== sizeBytes)
      return refuse(this.size(`the server has ${total} bytes, the entry says ${sizeBytes}`));
    if (Number(start) !== have || have === 0)
      return refuse(this.failed(`the server sends ${headers['content-range'] ?? 'no range'} instead of what follows byte ${have}`));
    this.resumed = true;
    return have;
  }

  private async remember(validator: string | null): Promise<void> {
    const { url, sha256 } = this.target;
    const facts: PartFacts = { url, sha256, validator };
    this.resumed = false;
    await writeWholeFile(this.factsFile, JSON.stringify(facts), { mode: 0o600 });
  }

  private get shown(): string {
    return shownUrl(new URL(this.target.url));
  }
  private failed(why: string, cause?: unknown): Error {
    return modelError('VD_MODEL_DOWNLOAD_FAILED', `${this.shown}: ${why}`, { cause });
  }
  private size(why: string): Error {
    return modelError('VD_MODEL_SIZE', `${this.shown}: ${why}`);
  }

  private explained(error: unknown): unknown {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code?.startsWith('VD_') === true) return error;
    if (code === 'ENOSPC' || code === 'EDQUOT') return modelError('VD_MODEL_NO_SPACE', `${this.target.part}: ${message}`, { cause: error });
    return this.failed(message || (code ?? 'the connection broke'), error);
  }
}

function strongValidator({ etag, 'last-modified': modified }: IncomingMessage['headers']): string | null {
  if (etag !== undefined && !etag.startsWith('W/')) return etag;
  return modified ?? null;
}

async function spaceIn(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}
