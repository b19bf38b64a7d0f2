import type { Request } from 'express';
import { principalOf } from '../auth/principal.js';
import type { Asker } from './fair-slots.js';

/** Whoever makes the request of a guarded route, until its connection closes. */
export function askerOf(request: Request): Asker {
  const left = new AbortController();
  request.res?.once('close', () => left.abort(new Error('Nobody waits for the answer any more')));
  return { tokenId: principalOf(request).tokenId, signal: left.signal };
}
