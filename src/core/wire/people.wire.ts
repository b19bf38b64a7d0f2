import { z } from 'zod';
import { nameSchema } from '../plugin-api/index.js';
import { page, uuid } from './fields.js';
import { listCursor } from './list-cursor.js';
import { role, sessionWire } from './wire.js';

/** People, how they come in, and where they are signed in. */
const iso = z.iso.datetime().describe('ISO 8601, UTC');
const token = z.string().min(8).max(256);
const name = nameSchema(100);
/** As it is compared; whether a new one is good enough is said apart. */
const password = z.string().min(1).max(200);

export const personWire = z.object({
  id: uuid,
  name: z.string(),
  role,
  state: z.enum(['active', 'invited', 'disabled']).describe('`invited`: has not come in so far'),
  hasPassword: z.boolean(),
  createdAt: iso,
  lastSeenAt: iso.nullable(),
  linkExpiresAt: iso.nullable().describe('Until when the link works by which the password is set; null: there is none'),
});

/** The link is the dashboard's `/setup#invitation=<token>`: behind the `#`, which browsers tell no server. */
export const invitationWire = z.object({
  person: personWire,
  token: z.string().describe('Shown this once; stored as a hash'),
  expiresAt: iso,
});

/** Whom a link was made for. */
export const invitedWire = z.object({
  name: z.string(),
  role,
  isReset: z.boolean().describe('The person has a password, which the new one replaces'),
  expiresAt: iso,
});

export const setupWire = z.object({
  isOpen: z.boolean().describe('Nobody has a password so far: the one-time token of the first start makes the first person'),
});

/** Whoever is signed in, and what they may do about it. */
export const accountWire = z.object({
  user: sessionWire.shape.user,
  isPerson: z.boolean().describe('False for a token that belongs to nobody'),
  hasPassword: z.boolean(),
  asksOldPassword: z.boolean().describe('Whether the old one, too, is needed to set a new one'),
});

export const openSessionWire = z.object({
  id: uuid,
  user: sessionWire.shape.user,
  openedBy: z.enum(['password', 'one-time', 'api']),
  address: z.string().nullable().describe('Where the browser was when it signed in'),
  browser: z.string().nullable().describe('What it said it is: its User-Agent'),
  createdAt: iso,
  lastUsedAt: iso.nullable().describe('Up to a minute old'),
  expiresAt: iso.nullable(),
  current: z.boolean().describe('The one this request came with'),
});
export const endedSessionsWire = z.object({ ended: z.number().int() });

export const signInBody = z.union([z.strictObject({ token }), z.strictObject({ name, password })]);
export const setupBody = z.strictObject({ token, name, password });
export const acceptBody = z.strictObject({ token, password });
export const lookUpBody = z.strictObject({ token });
export const passwordBody = z.strictObject({ oldPassword: password.optional(), password });
export const newPersonBody = z.strictObject({ name, role });
export const personPatch = z.strictObject({
  name: name.optional(),
  role: role.optional(),
  disabled: z.boolean().optional().describe('True ends what is open of theirs, API tokens too'),
});
export const peopleQuery = z.strictObject({ after: listCursor.optional(), limit: page(200, 50) });
export const sessionsQuery = z.strictObject({
  of: z.enum(['me', 'everyone']).optional().describe('`everyone` is for admins; `me` when absent'),
  after: listCursor.optional(),
  limit: page(200, 50),
});

export type PersonWire = z.output<typeof personWire>;
export type InvitationWire = z.output<typeof invitationWire>;
export type InvitedWire = z.output<typeof invitedWire>;
export type SetupWire = z.output<typeof setupWire>;
export type AccountWire = z.output<typeof accountWire>;
export type OpenSessionWire = z.output<typeof openSessionWire>;
export type EndedSessionsWire = z.output<typeof endedSessionsWire>;
export type SignInBody = z.output<typeof signInBody>;
export type SetupBody = z.output<typeof setupBody>;
export type AcceptBody = z.output<typeof acceptBody>;
export type LookUpBody = z.output<typeof lookUpBody>;
export type PasswordBody = z.output<typeof passwordBody>;
export type NewPersonBody = z.output<typeof newPersonBody>;
export type PersonPatch = z.output<typeof personPatch>;
export type PeopleQuery = z.output<typeof peopleQuery>;
export type SessionsQuery = z.output<typeof sessionsQuery>;
