import type { Request } from 'express';
import type { Actor } from '../../audit/actor.js';
import type { TokenOwner } from '../../persistence/access/token-store.js';
import { requestIdOf } from '../http/request-id.js';
import { findPrincipal, principalOf } from './principal.js';

/** Who makes the request of a guarded route, for the record. */
export const actorOf = (request: Request): Actor => actorFor(principalOf(request), request);

/** The same where the token was not brought by the request, but found or made in it. */
export const actorFor = (owner: TokenOwner, request: Request): Actor => actorAt(owner, request.ip ?? null, requestIdOf(request));

/** Whoever makes the request, signed in or not. */
export const anyActorOf = (request: Request): Actor => actorAt(findPrincipal(request), request.ip ?? null, requestIdOf(request));

/** Whoever acts from an address; nobody is known where nobody has signed in. */
export const actorAt = (owner: TokenOwner | null, address: string | null, requestId: string | null = null): Actor => ({
  name: owner === null ? 'not signed in' : `${owner.userName} (${owner.role}, ${owner.kind})`,
  userId: owner?.userId ?? null,
  tokenId: owner?.tokenId ?? null,
  address,
  requestId,
});
