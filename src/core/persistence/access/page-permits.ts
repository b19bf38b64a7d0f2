import { Injectable } from '@nestjs/common';
import { createHmac, randomUUID, timingSafeEqual } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import { ingestError } from '../../errors/ingest.errors.js';
import { SharedSecrets } from '../media/shared-secrets.js';

const SECRET = 'page-permits';
const SECRET_BYTES = 32;
/** It is used at once; clocks of machines differ. */
const GOOD_FOR_MS = 60_000;
const MAX_CHARS = 2_000;
const MAX_USED = 10_000;

const pagePermit = z.strictObject({
  id: z.uuid(),
  expiresAtMs: z.number().int(),
  streamId: z.uuid(),
  /** Address of the browser. */
  remote: z.string().max(100),
  /** Someone is signed in who may publish; else the page brings a stream key. */
  isSignedIn: z.boolean(),
});

/** What a page may do that an API role lets through to an ingest role. */
export type PagePermit = z.output<typeof pagePermit>;

/**
 * Signs permits in API roles and reads them in ingest roles: `<claims>.<signature>`, both base64url. The secret is the installation's, and
 * leaves the database into memory only.
 */
@Injectable()
export class PagePermits {
  private secret: Promise<Buffer> | undefined;
  /** Ids of permits that were used and are still good. */
  private readonly used = new LRUCache<string, true>({ max: MAX_USED, ttl: 2 * GOOD_FOR_MS });

  constructor(private readonly secrets: SharedSecrets) {}

  async give(claims: Pick<PagePermit, 'streamId' | 'remote' | 'isSignedIn'>): Promise<string> {
    const permit: PagePermit = { ...claims, id: randomUUID(), expiresAtMs: Date.now() + GOOD_FOR_MS };
    const text = Buffer.from(JSON.stringify(permit)).toString('base64url');
    return `${text}.${signature(await this.key(), text)}`;
  }

  /** Reads a permit, which is used up by it. @throws VD_INGEST_PERMIT_INVALID */
  async take(permit: string): Promise<PagePermit> {
    const [text = '', given = '', ...rest] = permit.length <= MAX_CHARS ? permit.split('.') : [];
    if (rest.length > 0 || !isSame(given, signature(await this.key(), text))) throw invalid('its signature is not right');
    const claims = pagePermit.parse(JSON.parse(Buffer.from(text, 'base64url').toString()));
    if (Date.now() > claims.expiresAtMs) throw invalid('it has expired');
    if (this.used.has(claims.id)) throw invalid('it was used before');
    this.used.set(claims.id, true);
    return claims;
  }

  private async key(): Promise<Buffer> {
    this.secret ??= this.secrets.read(SECRET, SECRET_BYTES);
    try {
      return await this.secret;
    } catch (error) {
      this.secret = undefined;
      throw error;
    }
  }
}

const invalid = (why: string): Error => ingestError('VD_INGEST_PERMIT_INVALID', `The permit of a page was not accepted: ${why}`);
const signature = (key: Buffer, text: string): string => createHmac('sha256', key).update(`vedette-page\n${text}`).digest('base64url');

function isSame(given: string, right: string): boolean {
  const [left, other] = [Buffer.from(given, 'latin1'), Buffer.from(right, 'latin1')];
  return left.length === other.length && timingSafeEqual(left, other);
}
