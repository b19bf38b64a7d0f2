import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { Role } from '../../wire/wire.js';
import { Database, queryOf } from '../database.js';

export interface TokenOwner {
  readonly tokenId: string;
  readonly userId: string;
  readonly userName: string;
  readonly role: Role;
  readonly kind: 'session' | 'api';
  readonly expiresAt: Date | null;
}
/** Any token that is good now, of whatever kind. */
export interface KnownToken extends Omit<TokenOwner, 'kind'> {
  readonly kind: TokenOwner['kind'] | 'one-time';
  readonly sha256: Buffer;
}
export interface NewSession {
  readonly sha256: Buffer;
  readonly ttlMs: number;
  /** Unused for longer, it ends. */
  readonly idleMs: number;
  /** Sessions that one way of signing in may have open, this one included. */
  readonly atMost: number;
}
export interface TokenRecord {
  readonly id: string;
  readonly kind: 'session' | 'api';
  readonly name: string;
  readonly role: Role;
  readonly createdAt: Date;
  readonly expiresAt: Date | null;
  readonly lastUsedAt: Date | null;
}

const VALID = `t.revoked_at IS NULL AND (t.expires_at IS NULL OR t.expires_at > now())
  AND (t.idle_ms IS NULL OR t.last_used_at > now() - t.idle_ms * interval '1 millisecond')`;
/** Serialises everything that decides whether there is a first admin yet. The letters VDAD. */
const ADMIN_LOCK = 0x56444144;

/** Users and their tokens. Tokens come in and stay as SHA-256 only; expiry and revocation are judged by the server's clock. */
@Injectable()
export class TokenStore {
  constructor(private readonly database: Database) {}

  /** Of these, the tokens that are good now. One-time tokens open nothing but a session. */
  async known(sha256s: readonly Buffer[]): Promise<KnownToken[]> {
    return this.database.query<KnownToken>(
      `SELECT t.id AS "tokenId", u.id AS "userId", u.name AS "userName", u.role, t.kind, t.expires_at AS "expiresAt",
         t.token_sha256 AS "sha256"
       FROM user_tokens t JOIN users u ON u.id = t.user_id WHERE t.token_sha256 = ANY($1::bytea[]) AND ${VALID}`,
      [sha256s],
    );
  }

  /** Of these, the ones still good, with the role they carry now. */
  async stillValid(tokenIds: readonly string[]): Promise<Map<string, Role>> {
    const rows = await this.database.query<{ id: string; role: Role }>(
      `SELECT t.id, u.role FROM user_tokens t JOIN users u ON u.id = t.user_id WHERE t.id = ANY($1::uuid[]) AND ${VALID}`,
      [tokenIds],
    );
    return new Map(rows.map((row) => [row.id, row.role]));
  }

  /**
   * Turns a one-time or API token into a session; a one-time token is spent by it, in the same transaction. Of too many sessions that
   * were opened in the same way, the one unused for longest ends.
   * @returns null when the token opens nothing
   */
  async openSession(sha256: Buffer, session: NewSession): Promise<TokenOwner | null> {
    return this.database.transaction(async (manager) => {
      const query = queryOf(manager);
      const spent = await query<{ user_id: string }>(
        `SELECT t.user_id FROM user_tokens t WHERE t.token_sha256 = $1 AND t.kind = 'one-time' AND ${VALID} FOR UPDATE`,
        [sha256],
      );
      let userId = spent[0]?.user_id;
      let name = 'one-time token';
      if (userId !== undefined) {
        await query(`UPDATE user_tokens SET revoked_at = now(), last_used_at = now() WHERE token_sha256 = $1`, [sha256]);
      } else {
        const api = await query<{ id: string; user_id: string }>(
          `SELECT t.id, t.user_id FROM user_tokens t WHERE t.token_sha256 = $1 AND t.kind = 'api' AND ${VALID}`,
          [sha256],
        );
        if (api[0] === undefined) return null;
        userId = api[0].user_id;
        name = sessionNameOf(api[0].id);
      }
      await query(
        `DELETE FROM user_tokens WHERE kind = 'session' AND (revoked_at < now() - interval '7 days' OR expires_at < now() - interval '7 days')`,
      );
      await query(
        `UPDATE user_tokens SET revoked_at = now() WHERE id IN (
           SELECT t.id FROM user_tokens t WHERE t.user_id = $1 AND t.kind = 'session' AND t.name = $2 AND ${VALID}
           ORDER BY t.last_used_at DESC, t.id OFFSET $3 FOR UPDATE)`,
        [userId, name, session.atMost - 1],
      );
      const made = await query<TokenOwner>(
        `WITH made AS (
           INSERT INTO user_tokens (id, user_id, kind, name, token_sha256, idle_ms, expires_at, last_used_at)
           VALUES ($1, $2, 'session', $3, $4, $7, least(now() + $5 * interval '1 millisecond',
             (SELECT expires_at FROM user_tokens WHERE token_sha256 = $6 AND kind = 'api')), now())
           RETURNING id, user_id, kind, expires_at)
         SELECT made.id AS "tokenId", u.id AS "userId", u.name AS "userName", u.role, made.kind, made.expires_at AS "expiresAt"
         FROM made JOIN users u ON u.id = made.user_id`,
        [randomUUID(), userId, name, session.sha256, session.ttlMs, sha256, session.idleMs],
      );
      return made[0] ?? null;
    });
  }

  async list(): Promise<TokenRecord[]> {
    return this.database.query<TokenRecord>(
      `SELECT t.id, t.kind, t.name, u.role, t.created_at AS "createdAt", t.expires_at AS "expiresAt", t.last_used_at AS "lastUsedAt"
       FROM user_tokens t JOIN users u ON u.id = t.user_id WHERE t.kind IN ('session', 'api') AND ${VALID} ORDER BY t.created_at, t.id`,
    );
  }

  /** An API token: an admin's own, or one of the shared viewer user. */
  async createApiToken(input: { sha256: Buffer; name: string; role: Role; ownerId: string; ttlMs: number | null }): Promise<TokenRecord> {
    return this.database.transaction(async (manager) => {
      const query = queryOf(manager);
      let userId = input.ownerId;
      if (input.role === 'viewer') {
        await query(`INSERT INTO users (id, name, role) VALUES ($1, 'viewer', 'viewer') ON CONFLICT (name) DO NOTHING`, [randomUUID()]);
        const viewer = await query<{ id: string }>(`SELECT id FROM users WHERE name = 'viewer' AND role = 'viewer'`);
        if (viewer[0] === undefined) throw new Error('The user named viewer is not a viewer');
        userId = viewer[0].id;
      }
      const made = await query<Omit<TokenRecord, 'role'>>(
        `INSERT INTO user_tokens (id, user_id, kind, name, token_sha256, expires_at)
         VALUES ($1, $2, 'api', $3, $4, now() + $5 * interval '1 millisecond')
         RETURNING id, kind, name, created_at AS "createdAt", expires_at AS "expiresAt", last_used_at AS "lastUsedAt"`,
        [randomUUID(), userId, input.name, input.sha256, input.ttlMs],
      );
      if (made[0] === undefined) throw new Error('The token was not written');
      return { ...made[0], role: input.role };
    });
  }

  /** Ends a session or API token, and the sessions that were opened with it. */
  async revoke(tokenId: string): Promise<boolean> {
    const rows = await this.database.query<{ id: string }>(
      `WITH ended AS (
         UPDATE user_tokens SET revoked_at = now() WHERE revoked_at IS NULL AND kind IN ('session', 'api') AND (id = $1 OR name = $2)
         RETURNING id)
       SELECT id FROM ended WHERE id = $1`,
      [tokenId, sessionNameOf(tokenId)],
    );
    return rows.length > 0;
  }

  async touch(tokenIds: readonly string[]): Promise<void> {
    await this.database.query(`UPDATE user_tokens SET last_used_at = now() WHERE id = ANY($1::uuid[])`, [tokenIds]);
  }

  /**
   * Makes the first admin if there is none and gives it this one-time token, in place of an earlier unused one.
   * @param onlyFirst leave everything as it is when an admin has signed in before
   * @returns whether the token was written
   */
  async issueOneTimeToken(input: { sha256: Buffer; ttlMs: number; onlyFirst: boolean }): Promise<boolean> {
    return this.database.transaction(async (manager) => {
      const query = queryOf(manager);
      await query('SELECT pg_advisory_xact_lock($1)', [ADMIN_LOCK]);
      await query(`INSERT INTO users (id, name, role) VALUES ($1, 'admin', 'admin') ON CONFLICT (name) DO NOTHING`, [randomUUID()]);
      const admins = await query<{ id: string; known: boolean }>(
        `SELECT u.id, EXISTS (SELECT FROM user_tokens t WHERE t.user_id = u.id AND (t.kind <> 'one-time' OR t.last_used_at IS NOT NULL)) AS known
         FROM users u WHERE u.role = 'admin' ORDER BY u.created_at, u.id`,
      );
      if (input.onlyFirst && admins.some((admin) => admin.known)) return false;
      const admin = admins[0];
      if (admin === undefined) throw new Error('The user named admin is not an admin');
      if (input.onlyFirst) {
        await query(`UPDATE user_tokens SET revoked_at = now() WHERE user_id = $1 AND kind = 'one-time' AND revoked_at IS NULL`, [
          admin.id,
        ]);
      }
      await query(
        `INSERT INTO user_tokens (id, user_id, kind, name, token_sha256, expires_at)
         VALUES ($1, $2, 'one-time', 'sign-in', $3, now() + $4 * interval '1 millisecond')`,
        [randomUUID(), admin.id, input.sha256, input.ttlMs],
      );
      return true;
    });
  }
}

/** Sessions opened with an API token carry its id, and end with it. */
const sessionNameOf = (tokenId: string): string => `api-token:${tokenId}`;
