import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Finds texts that were read: by stream and time everywhere, and by any part of a text where the server has trigrams. Without them a
 * search reads the texts of its range one by one, and answers the same.
 */
export class Texts1700000000036 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
CREATE INDEX observations_texts ON observations (at, run_id, ordinal) INCLUDE (stream_id) WHERE type = 'text';

DO $$
DECLARE
  home text;
BEGIN
  BEGIN
    CREATE EXTENSION IF NOT EXISTS pg_trgm;
  EXCEPTION WHEN feature_not_supported OR undefined_file OR insufficient_privilege THEN
    RAISE NOTICE 'Texts are searched without trigrams: %', SQLERRM;
  END;
  SELECT nspname INTO home FROM pg_extension JOIN pg_namespace ON pg_namespace.oid = extnamespace WHERE extname = 'pg_trgm';
  IF home IS NOT NULL THEN
    EXECUTE format(
      'CREATE INDEX observations_texts_trigrams ON observations USING gin (lower(data->>''text'') %I.gin_trgm_ops) WHERE type = ''text''',
      home);
  END IF;
END $$`);
  }

  async down(runner: QueryRunner): Promise<void> {
    // The extension stays: others may use it.
    await runner.query('DROP INDEX IF EXISTS observations_texts_trigrams; DROP INDEX observations_texts');
  }
}
