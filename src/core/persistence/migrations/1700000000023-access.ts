import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Says of an audit entry who it was, and keeps entries from being changed or removed; ends sessions that nobody uses. */
export class Access1700000000023 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
ALTER TABLE audit
  ADD COLUMN user_id uuid,
  ADD COLUMN token_id uuid,
  ADD COLUMN address text,
  ADD COLUMN request_id uuid;

CREATE FUNCTION audit_only_grows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'Audit entries are neither changed nor removed' USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER audit_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON audit FOR EACH STATEMENT EXECUTE FUNCTION audit_only_grows();

-- Unused for longer, a token ends; null: it does not.
ALTER TABLE user_tokens ADD COLUMN idle_ms bigint CHECK (idle_ms > 0);
`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
DROP TRIGGER audit_only_grows ON audit;
DROP FUNCTION audit_only_grows();
ALTER TABLE audit DROP COLUMN user_id, DROP COLUMN token_id, DROP COLUMN address, DROP COLUMN request_id;
ALTER TABLE user_tokens DROP COLUMN idle_ms;
`);
  }
}
