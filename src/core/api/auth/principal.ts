import type { Request } from 'express';
import type { TokenOwner } from '../../persistence/access/token-store.js';

/** Who makes the request. */
export interface Principal extends TokenOwner {
  /** `cookie` requests come from browsers and need the cross-origin check. */
  readonly via: 'cookie' | 'bearer';
}

const PRINCIPAL = Symbol('vedette.principal');
type Carrier = Request & { [PRINCIPAL]?: Principal };

export function setPrincipal(request: Request, principal: Principal): void {
  (request as Carrier)[PRINCIPAL] = principal;
}

/** The signed-in user of the request, if there is one. */
export const findPrincipal = (request: Request): Principal | null => (request as Carrier)[PRINCIPAL] ?? null;

/** The signed-in user of a guarded route. */
export function principalOf(request: Request): Principal {
  const principal = findPrincipal(request);
  if (principal === null) throw new Error('The route is not guarded');
  return principal;
}
