import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What people set of plugins in the dashboard: every change as a row, the newest of a plugin is what holds. */
export class PluginSettings1700000000058 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
CREATE TABLE plugin_setting_changes (
  revision bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  -- As the config names the plugin.
  use text NOT NULL,
  -- All that is set of it from then on; {}: nothing.
  settings jsonb NOT NULL,
  changed_by text NOT NULL,
  changed_at timestamptz NOT NULL DEFAULT now(),
  -- The change whose settings were put in force again by this one.
  restores bigint
);
CREATE INDEX plugin_setting_changes_use ON plugin_setting_changes (use, revision DESC)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE plugin_setting_changes');
  }
}
