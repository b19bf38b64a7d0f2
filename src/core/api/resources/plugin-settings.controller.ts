import { Body, Controller, Get, HttpCode, Param, Post, Put, Query, Req } from '@nestjs/common';
import type { Request } from 'express';
import { apiError } from '../../errors/api.errors.js';
import { pageOfRows } from '../../persistence/read/page-of-rows.js';
import { PluginSettingsStore, type SettingsChange } from '../../persistence/settings/plugin-settings-store.js';
import { cursorParts } from '../../wire/list-cursor.js';
import * as wire from '../../wire/plugins.wire.js';
import { pageOf, type Page } from '../../wire/wire.js';
import { RequireRole } from '../auth/access.js';
import { principalOf } from '../auth/principal.js';
import { actorOf } from '../auth/request-actor.js';
import { Operation } from '../openapi/operation.js';
import { InstalledPlugins } from './installed-plugins.js';
import { settingsDifference } from './settings-difference.js';

const NOT_FOUND = { 404: 'No such plugin' };
const REFUSED = { ...NOT_FOUND, 409: 'Set in the config file or the environment, or changed by somebody else meanwhile' };

/** Plugins as they are installed, and what people set of them here. */
@Controller('api/plugins')
export class PluginSettingsController {
  constructor(
    private readonly plugins: InstalledPlugins,
    private readonly store: PluginSettingsStore,
  ) {}

  @Get('installed')
  @Operation({
    id: 'listInstalledPlugins',
    tag: 'plugins',
    summary: 'Every plugin there is, running or not: how it does, what it costs, and whether a restart is needed',
    response: pageOf(wire.installedPluginWire),
  })
  async list(@Req() request: Request): Promise<Page<wire.InstalledPluginWire>> {
    return { items: await this.plugins.list(principalOf(request).role === 'admin'), next: null };
  }

  @Get(':id')
  @RequireRole('admin')
  @Operation({
    id: 'getPlugin',
    tag: 'plugins',
    summary: 'One plugin: its options with their schemas, what they are set to and where',
    response: wire.pluginDetailWire,
    problems: NOT_FOUND,
  })
  one(@Param({ schema: wire.pluginParams }) { id }: wire.PluginParams): Promise<wire.PluginDetailWire> {
    return this.plugins.one(id);
  }

  @Put(':id/settings')
  @HttpCode(200)
  @Operation({
    id: 'setPlugin',
    tag: 'plugins',
    summary: 'Set all that is set of a plugin here; processes take it when they are started the next time',
    response: wire.pluginDetailWire,
    problems: REFUSED,
  })
  async write(
    @Param({ schema: wire.pluginParams }) { id }: wire.PluginParams,
    @Body({ schema: wire.settingsBody }) { settings, revision }: wire.SettingsBody,
    @Req() request: Request,
  ): Promise<wire.PluginDetailWire> {
    await this.plugins.write(id, settings, revision, actorOf(request));
    return this.plugins.one(id);
  }

  @Get(':id/changes')
  @RequireRole('admin')
  @Operation({
    id: 'listPluginChanges',
    tag: 'plugins',
    summary: 'What was set of a plugin here, by whom and when, the newest first',
    response: pageOf(wire.settingsChangeWire),
    problems: NOT_FOUND,
  })
  async changes(
    @Param({ schema: wire.pluginParams }) { id }: wire.PluginParams,
    @Query({ schema: wire.changesQuery }) { after, limit }: wire.ChangesQuery,
  ): Promise<Page<wire.SettingsChangeWire>> {
    const before = after === undefined ? undefined : cursorParts(after, ['rowId'])[0];
    // One more says whether there is a next page, and what the last of this one changed.
    const rows = await this.store.changes(await this.plugins.useOf(id), limit + 1, before);
    const older = new Map(rows.map((row, i) => [row.revision, rows[i + 1]]));
    return pageOfRows(
      rows,
      limit,
      (row) => changeOnWire(row, older.get(row.revision)),
      ({ revision }) => [revision],
    );
  }

  @Post(':id/changes/:revision/restore')
  @HttpCode(200)
  @Operation({
    id: 'restorePlugin',
    tag: 'plugins',
    summary: 'Set a plugin as it was after an earlier change',
    response: wire.pluginDetailWire,
    problems: { ...REFUSED, 404: 'No such plugin, or no such change of it' },
  })
  async restore(
    @Param({ schema: wire.changeParams }) { id, revision }: wire.ChangeParams,
    @Body({ schema: wire.restoreBody }) { revision: seen }: wire.RestoreBody,
    @Req() request: Request,
  ): Promise<wire.PluginDetailWire> {
    const change = await this.store.change(await this.plugins.useOf(id), revision);
    if (change === null) throw apiError('VD_API_NOT_FOUND', `${id} has no change ${revision}`);
    await this.plugins.write(id, change.settings, seen, actorOf(request), revision);
    return this.plugins.one(id);
  }
}

function changeOnWire(
  { revision, by, at, restores, settings }: SettingsChange,
  before: SettingsChange | undefined,
): wire.SettingsChangeWire {
  return { revision, by, at: at.toISOString(), restores, settings, changed: settingsDifference(before?.settings ?? {}, settings) };
}
