import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { Actor } from '../../audit/actor.js';
import type { PluginSettings } from '../../config/plugin-settings.js';
import { pluginError } from '../../errors/plugin.errors.js';
import { recordIn } from '../access/audit-log.js';
import { Database, queryOf } from '../database.js';
import { ALIVE_WITHIN } from '../instance-heartbeat.js';
import { printable } from '../postgres-text.js';
import { SETTINGS_IN_FORCE, settingsOf, type SettingsRow, type StoredSettings } from './read-plugin-settings.js';

/** One change of a plugin's settings. */
export interface SettingsChange {
  readonly revision: string;
  readonly use: string;
  /** As the change left them. */
  readonly settings: PluginSettings;
  readonly by: string;
  readonly at: Date;
  /** The earlier change whose settings this one put in force again. */
  readonly restores: string | null;
}

/** What a running process said of the settings that it started with. */
export interface RoleSettings {
  readonly role: string;
  readonly host: string;
  /** Null: it told of none, being older than settings are. */
  readonly revision: string | null;
  readonly faults: readonly { readonly use: string; readonly message: string }[];
}

/** The letters VDPS: changes are made one after the other. */
const CHANGE_LOCK = 0x56445053;
const CHANGE = `revision::text AS revision, use, settings, changed_by AS by, changed_at AS at, restores::text AS restores`;

/** What people set of plugins, change by change. Roles take it when they start. */
@Injectable()
export class PluginSettingsStore {
  constructor(private readonly database: Database) {}

  /** @param revision as it was then; absent: as it is */
  async inForce(revision?: string): Promise<StoredSettings> {
    return settingsOf(await this.database.query<SettingsRow>(SETTINGS_IN_FORCE, [revision ?? null]));
  }

  /** The newest first. @param before a revision: those before it */
  changes(use: string, limit: number, before?: string): Promise<SettingsChange[]> {
    return this.database.query<SettingsChange>(
      `SELECT ${CHANGE} FROM plugin_setting_changes WHERE use = $1 AND ($2::bigint IS NULL OR revision < $2::bigint)
       ORDER BY plugin_setting_changes.revision DESC LIMIT $3`,
      [use, before ?? null, limit],
    );
  }

  /** The last change of each plugin. */
  latest(): Promise<SettingsChange[]> {
    return this.database.query<SettingsChange>(
      `SELECT DISTINCT ON (use) ${CHANGE} FROM plugin_setting_changes ORDER BY use, plugin_setting_changes.revision DESC`,
    );
  }

  /** Null: no such change of this plugin. */
  async change(use: string, revision: string): Promise<SettingsChange | null> {
    const [found] = await this.database.query<SettingsChange>(
      `SELECT ${CHANGE} FROM plugin_setting_changes WHERE use = $1 AND revision = $2::bigint`,
      [use, revision],
    );
    return found ?? null;
  }

  /**
   * @param seen the last change of this plugin that whoever changes it knew of; null: none
   * @throws VD_PLUGIN_SETTINGS_CHANGED where somebody else was quicker
   */
  async write(
    { use, settings, restores }: { readonly use: string; readonly settings: PluginSettings; readonly restores?: string },
    seen: string | null,
    by: Actor,
  ): Promise<SettingsChange> {
    return this.database.transaction(async (manager) => {
      const query = queryOf(manager);
      await query('SELECT pg_advisory_xact_lock($1)', [CHANGE_LOCK]);
      await mustBeNewest(manager, use, seen);
      const [made] = await query<SettingsChange>(
        `INSERT INTO plugin_setting_changes (use, settings, changed_by, restores)
         VALUES ($1, $2::jsonb, $3, $4::bigint) RETURNING ${CHANGE}`,
        [use, JSON.stringify(settings), printable(by.name), restores ?? null],
      );
      if (made === undefined) throw new Error('Nothing was written');
      await recordIn(manager, {
        by,
        action: 'plugin.configure',
        target: use,
        detail: { revision: made.revision, keys: Object.keys(settings), ...(restores === undefined ? {} : { restores }) },
      });
      return made;
    });
  }

  /** Of the living processes that load plugins. */
  async roles(): Promise<RoleSettings[]> {
    return this.database.query<RoleSettings>(
      `SELECT role, host, detail->'settings'->>'revision' AS revision,
         CASE WHEN jsonb_typeof(detail->'settings'->'faults') = 'array' THEN detail->'settings'->'faults' ELSE '[]' END AS faults
       FROM instances WHERE role IN ('api', 'ingest', 'worker') AND heartbeat_at > now() - ${ALIVE_WITHIN}
       ORDER BY role, host, id LIMIT 500`,
    );
  }
}

async function mustBeNewest(manager: EntityManager, use: string, seen: string | null): Promise<void> {
  const [newest] = await queryOf(manager)<{ revision: string; by: string }>(
    `SELECT revision::text AS revision, changed_by AS by FROM plugin_setting_changes WHERE use = $1
     ORDER BY plugin_setting_changes.revision DESC LIMIT 1`,
    [use],
  );
  if ((newest?.revision ?? null) === seen) return;
  throw pluginError(
    'VD_PLUGIN_SETTINGS_CHANGED',
    `${use} was changed by ${newest?.by ?? 'somebody'} meanwhile (revision ${newest?.revision})`,
  );
}
