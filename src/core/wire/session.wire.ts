import { z } from 'zod';

const iso = z.iso.datetime().describe('ISO 8601, UTC');
const uuid = z.uuid();

export const role = z.enum(['admin', 'viewer']);

/** Who is signed in, and how. */
export const sessionWire = z.object({
  user: z.object({ id: uuid, name: z.string(), role }),
  kind: z.enum(['session', 'api']),
  expiresAt: iso.nullable(),
});

/** The same for a request that may come from nobody. */
export const currentSessionWire = z.object({
  user: sessionWire.shape.user.nullable(),
  kind: sessionWire.shape.kind.nullable(),
  expiresAt: iso.nullable(),
});

/** An API token; the token itself is shown once, when it is made. */
export const tokenWire = z.object({
  id: uuid,
  kind: z.enum(['session', 'api']),
  name: z.string(),
  role,
  owner: z.object({ id: uuid, name: z.string() }).nullable().describe('Who loses it when they go; null: it belongs to nobody'),
  createdAt: iso,
  expiresAt: iso.nullable(),
  lastUsedAt: iso.nullable(),
  /** The token this request came with. */
  current: z.boolean(),
});
export const newTokenWire = tokenWire.extend({ token: z.string().describe('Shown this once; stored as a hash') });

export type Role = z.output<typeof role>;
export type SessionWire = z.output<typeof sessionWire>;
export type CurrentSessionWire = z.output<typeof currentSessionWire>;
export type TokenWire = z.output<typeof tokenWire>;
export type NewTokenWire = z.output<typeof newTokenWire>;
