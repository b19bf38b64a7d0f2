/** Who did something that is put on record: as much of it as is known. */
export interface Actor {
  /** User name, role and kind of token, or what else acts: `admin (admin, session)`, `command line`. */
  readonly name: string;
  readonly userId: string | null;
  /** Session or API token that was used. */
  readonly tokenId: string | null;
  /** Where the request came from, as the API's proxies tell it. */
  readonly address: string | null;
  /** Also in the answer, as `X-Request-Id`, and in the log of what failed. */
  readonly requestId: string | null;
}

/** Whoever may run commands on this machine. */
export const COMMAND_LINE: Actor = { name: 'command line', userId: null, tokenId: null, address: null, requestId: null };
