import { databaseError } from '../../errors/database.errors.js';
import { errorText } from '../../plugin-api/error.js';
import { pluginSettings, type PluginSettings } from '../../config/plugin-settings.js';
import { STATEMENT_TIMEOUT_MS } from '../connection.js';
import { withConnection } from '../pool.js';
import { sqlState } from '../sql-errors.js';

/** SQLSTATE of a table that is not there: the database is of a version before it. */
const UNDEFINED_TABLE = '42P01';

/** Of each plugin what was set last, up to a revision ($1) or of all ($1 null), with the last revision there is. */
export const SETTINGS_IN_FORCE = `
SELECT DISTINCT ON (use) use, settings, (SELECT COALESCE(max(revision), 0) FROM plugin_setting_changes)::text AS latest
FROM plugin_setting_changes WHERE $1::bigint IS NULL OR revision <= $1::bigint ORDER BY use, revision DESC`;

export interface SettingsRow {
  readonly use: string;
  readonly settings: unknown;
  readonly latest: string;
}

/** What people set of plugins, and the revision of it all; `0`: nobody ever set any. */
export interface StoredSettings {
  readonly revision: string;
  readonly plugins: ReadonlyMap<string, PluginSettings>;
}

/** Rows that are no settings any more (a later version wrote them) count as none. */
export function settingsOf(rows: readonly SettingsRow[]): StoredSettings {
  const parsed = rows.flatMap(({ use, settings }): [string, PluginSettings][] => {
    const { success, data } = pluginSettings.safeParse(settings);
    return success && Object.keys(data).length > 0 ? [[use, data]] : [];
  });
  return { revision: rows[0]?.latest ?? '0', plugins: new Map(parsed) };
}

/**
 * For a role that starts, before its plugins are loaded.
 * @throws VD_DATABASE_UNREACHABLE
 */
export async function readPluginSettings(databaseUrl: string): Promise<StoredSettings> {
  try {
    return await withConnection(
      { databaseUrl, name: 'vedette settings', statementTimeoutMs: STATEMENT_TIMEOUT_MS.queues },
      async (connection) => settingsOf((await connection.query<SettingsRow>(SETTINGS_IN_FORCE, [null])).rows),
    );
  } catch (cause) {
    if (sqlState(cause) === UNDEFINED_TABLE) return settingsOf([]);
    throw databaseError('VD_DATABASE_UNREACHABLE', `The settings of plugins cannot be read: ${errorText(cause)}`, { cause });
  }
}
