import type { MigrationInterface, QueryRunner } from 'typeorm';

/** People with names and passwords, links that invite them, and where sessions come from. */
export class People1700000000056 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
ALTER TABLE users
  -- In the order of their making: what lists are paged by.
  ADD COLUMN ordinal bigint GENERATED ALWAYS AS IDENTITY,
  -- scrypt with its parameters and salt in one text; null: signs in by tokens only.
  ADD COLUMN password_hash text,
  -- Nobody: the owner of API tokens that may only look.
  ADD COLUMN is_shared boolean NOT NULL DEFAULT false,
  ADD COLUMN disabled_at timestamptz,
  -- Kept for the audit trail and for tokens; the name is free again.
  ADD COLUMN removed_at timestamptz,
  ADD COLUMN last_seen_at timestamptz,
  DROP CONSTRAINT users_name_key;
UPDATE users SET is_shared = true WHERE name = 'viewer' AND role = 'viewer';
UPDATE users SET last_seen_at = (SELECT max(last_used_at) FROM user_tokens WHERE user_id = users.id);
CREATE UNIQUE INDEX users_ordinal ON users (ordinal);
CREATE UNIQUE INDEX users_name ON users (lower(name)) WHERE removed_at IS NULL AND NOT is_shared;
CREATE UNIQUE INDEX users_shared ON users (role) WHERE is_shared;

-- A person has at most one that is open: a new link ends the one before.
CREATE TABLE invitations (
  user_id uuid PRIMARY KEY REFERENCES users(id) ON DELETE CASCADE,
  token_sha256 bytea NOT NULL UNIQUE,
  created_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz NOT NULL
);

ALTER TABLE user_tokens
  ADD COLUMN ordinal bigint GENERATED ALWAYS AS IDENTITY,
  -- Of a session: where its browser was when it signed in, and what it said it is.
  ADD COLUMN address text,
  ADD COLUMN browser text;
CREATE INDEX user_tokens_by_user ON user_tokens (user_id, kind, ordinal DESC);
CREATE INDEX user_tokens_by_kind ON user_tokens (kind, ordinal DESC);
`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
DROP INDEX user_tokens_by_user, user_tokens_by_kind;
ALTER TABLE user_tokens DROP COLUMN ordinal, DROP COLUMN address, DROP COLUMN browser;
DROP TABLE invitations;
DROP INDEX users_ordinal, users_name, users_shared;
UPDATE users SET name = id::text WHERE removed_at IS NOT NULL OR (lower(name) = 'viewer' AND NOT is_shared);
ALTER TABLE users DROP COLUMN ordinal, DROP COLUMN password_hash, DROP COLUMN is_shared, DROP COLUMN disabled_at, DROP COLUMN removed_at,
  DROP COLUMN last_seen_at, ADD CONSTRAINT users_name_key UNIQUE (name);
`);
  }
}
