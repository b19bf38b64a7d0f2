import type { TokenOwner, TokenStore } from '../../persistence/access/token-store.js';
import type { TokenUse } from '../auth/token-use.js';
import { CLOSE } from './live-client.js';

/** A socket that a token opened, or none (yet). */
export interface TokenHolder {
  readonly owner: TokenOwner | null;
  close(code: number, reason: string): void;
}

/** Ends the sockets whose token was revoked, expired or changed its role since; notes the use of the others. */
export async function endThoseOutOfForce(
  sockets: Iterable<TokenHolder>,
  tokens: Pick<TokenStore, 'stillValid'>,
  use: Pick<TokenUse, 'note'>,
): Promise<void> {
  const known = [...sockets].flatMap((socket) => (socket.owner === null ? [] : [{ socket, owner: socket.owner }]));
  const valid = await tokens.stillValid([...new Set(known.map(({ owner }) => owner.tokenId))]);
  for (const { socket, owner } of known) {
    const role = valid.get(owner.tokenId);
    if (role === undefined) socket.close(CLOSE.unauthenticated, 'The token is no longer in force');
    else if (role !== owner.role) socket.close(CLOSE.forbidden, 'The role changed');
    else use.note(owner.tokenId);
  }
}
