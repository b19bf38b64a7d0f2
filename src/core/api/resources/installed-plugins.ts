import { Injectable } from '@nestjs/common';
import semver from 'semver';
import { apiError } from '../../errors/api.errors.js';
import { lockedPaths, type PluginSettings } from '../../config/plugin-settings.js';
import type { Actor } from '../../audit/actor.js';
import { AnalyzerReads, type AnalyzerWork } from '../../persistence/read/analyzer-reads.js';
import { PluginSettingsStore, type RoleSettings, type SettingsChange } from '../../persistence/settings/plugin-settings-store.js';
import type { StoredSettings } from '../../persistence/settings/read-plugin-settings.js';
import { isPath } from '../../plugin-host/plugin-source.js';
import { PluginCatalogue } from '../../plugin-host/plugin-catalogue.js';
import { PluginRegistry, type PluginStatus } from '../../plugin-host/plugin-registry.js';
import { failedStatus } from '../../plugin-host/loaded-plugins.js';
import { PLUGIN_API_VERSION, type Plugin } from '../../plugin-api/index.js';
import type { InstalledPluginWire, PluginDetailWire } from '../../wire/plugins.wire.js';
import { InvalidInput } from '../http/validation.pipe.js';
import { nothingNamed } from './known-names.js';
import { contributionsOf, settingAt, type EntryLayers } from './plugin-contributions.js';
import { settingsDifference } from './settings-difference.js';

/** A plugin with what it says of itself, where it could be loaded. */
interface Known {
  readonly use: string;
  readonly manifest: Plugin | null;
  readonly status: PluginStatus;
}

interface Surroundings {
  readonly stored: StoredSettings;
  readonly changes: ReadonlyMap<string, SettingsChange>;
  readonly work: ReadonlyMap<string, AnalyzerWork>;
  readonly roles: readonly (RoleSettings & { readonly started: StoredSettings })[];
}

/** Every plugin there is, what is set of it, and what sets it. */
@Injectable()
export class InstalledPlugins {
  constructor(
    private readonly catalogue: PluginCatalogue,
    private readonly registry: PluginRegistry,
    private readonly store: PluginSettingsStore,
    private readonly analyzers: AnalyzerReads,
  ) {}

  /** In the order of the config, then those that ship with Vedette and are not in it. @param isAdmin admins see stacks and messages */
  async list(isAdmin: boolean): Promise<InstalledPluginWire[]> {
    const [known, around] = await Promise.all([this.known(), this.surroundings()]);
    return known.map((one) => this.onWire(one, around, isAdmin));
  }

  /** @throws VD_API_NOT_FOUND */
  async one(id: string): Promise<PluginDetailWire> {
    const [known, around] = await Promise.all([this.find(id), this.surroundings()]);
    const layers = this.layers(known.use, around.stored);
    return {
      ...this.onWire(known, around, true),
      place: layers.written === undefined ? null : (this.catalogue.place?.place ?? null),
      revision: around.changes.get(known.use)?.revision ?? null,
      settings: layers.settings,
      contributions: known.manifest === null ? [] : contributionsOf(known.manifest, layers),
      roles: around.roles.map(({ role, host, started }) => ({ role, host, isCurrent: isSame(known.use, started, around.stored) })),
    };
  }

  async useOf(id: string): Promise<string> {
    return (await this.find(id)).use;
  }

  /**
   * Sets all that the dashboard sets of a plugin.
   * @param seen the last change that whoever sets it knew of
   * @throws VD_PLUGIN_SETTINGS_LOCKED, VD_PLUGIN_SETTINGS_INVALID, VD_PLUGIN_SETTINGS_CHANGED, VD_PLUGIN_* where it cannot be loaded
   */
  async write(id: string, settings: PluginSettings, seen: string | null, by: Actor, restores?: string): Promise<void> {
    const { use, manifest } = await this.find(id);
    const locked = lockedPaths(settings, this.catalogue.written(use));
    const secret = manifest === null ? [] : this.catalogue.secretPaths(manifest).filter((path) => isSet(settings, path));
    const refused = [
      ...locked.map((path) => ({ path, message: `set in ${this.catalogue.place?.place ?? 'the config'}` })),
      ...secret.map((path) => ({ path, message: 'is a secret' })),
    ];
    if (refused.length > 0) throw new InvalidInput(refused, 'VD_PLUGIN_SETTINGS_LOCKED');
    const { plugins } = await this.store.inForce();
    const flaws = await this.catalogue.flaws(use, new Map(plugins).set(use, settings));
    if (flaws.length > 0) throw new InvalidInput(flaws, 'VD_PLUGIN_SETTINGS_INVALID');
    await this.store.write({ use, settings, ...(restores === undefined ? {} : { restores }) }, seen, by);
  }

  private onWire({ use, manifest, status }: Known, { stored, changes, work, roles }: Surroundings, isAdmin: boolean): InstalledPluginWire {
    const ran = (manifest?.analyzers ?? []).flatMap(({ id }) => work.get(id) ?? []);
    const all = [...work.values()].reduce((sum, { cpuMs }) => sum + cpuMs, 0);
    const sum = (of: (one: AnalyzerWork) => number): number => ran.reduce((total, one) => total + of(one), 0);
    const runs = { done: sum(({ done }) => done), skipped: sum(({ skipped }) => skipped), failed: sum(({ failed }) => failed) };
    const [worst] = ran.filter(({ lastError }) => lastError !== null).sort((a, b) => b.lastError!.at.getTime() - a.lastError!.at.getTime());
    const enabled = settingAt(this.layers(use, stored), ['enabled']);
    const change = changes.get(use);
    const { error } = status;
    return {
      id: manifest?.id ?? status.id,
      use,
      version: manifest?.version ?? status.version,
      origin: use.startsWith('vedette/') ? 'built-in' : isPath(use) ? 'file' : 'package',
      state: status.state,
      error:
        error === undefined
          ? null
          : { code: error.code, message: error.message, fix: error.fix ?? null, stack: isAdmin ? (error.stack ?? null) : null },
      api:
        manifest === null
          ? null
          : {
              wanted: manifest.api,
              has: PLUGIN_API_VERSION,
              fits: semver.satisfies(PLUGIN_API_VERSION, manifest.api, { includePrerelease: true }),
            },
      enabled: { source: enabled.source, value: (enabled.value as boolean | undefined) ?? this.catalogue.runsByDefault(use) },
      contributes: {
        analyzers: manifest?.analyzers?.length ?? 0,
        sources: manifest?.sources?.length ?? 0,
        strategies: manifest?.strategies?.length ?? 0,
      },
      health: status.state === 'failed' ? 'broken' : status.state === 'disabled' ? 'off' : runs.failed > 0 ? 'failing' : 'well',
      cpuShare: ran.length === 0 || all === 0 ? null : sum(({ cpuMs }) => cpuMs) / all,
      runs,
      lastError:
        worst?.lastError == null
          ? null
          : {
              analyzerId: worst.analyzerId,
              code: worst.lastError.code,
              message: isAdmin ? worst.lastError.message : '',
              at: worst.lastError.at.toISOString(),
            },
      changed: change === undefined ? null : { by: change.by, at: change.at.toISOString() },
      restartNeeded: roles.some(({ started }) => !isSame(use, started, stored)),
    };
  }

  private layers(use: string, { plugins }: StoredSettings): EntryLayers {
    return { written: this.catalogue.written(use), settings: plugins.get(use) ?? {}, from: this.catalogue.place?.from ?? 'file' };
  }

  private async find(id: string): Promise<Known> {
    const known = await this.known();
    const found = known.find(({ manifest, status, use }) => id === (manifest?.id ?? status.id) || id === use);
    if (found !== undefined) return found;
    throw apiError(
      'VD_API_NOT_FOUND',
      `Plugins: ${nothingNamed(
        id,
        known.map(({ manifest, status }) => manifest?.id ?? status.id),
      )}`,
    );
  }

  private known(): Promise<Known[]> {
    return Promise.all(
      this.catalogue.uses.map(async (use): Promise<Known> => {
        const status = this.registry.plugins.find((one) => one.use === use) ?? { use, id: use, version: '', state: 'disabled' };
        if (status.state === 'failed') return { use, manifest: null, status };
        try {
          return { use, manifest: await this.catalogue.manifest(use), status };
        } catch (error) {
          return { use, manifest: null, status: failedStatus(use, error, status) };
        }
      }),
    );
  }

  private async surroundings(): Promise<Surroundings> {
    const [stored, latest, work, roles] = await Promise.all([
      this.store.inForce(),
      this.store.latest(),
      this.analyzers.recent(),
      this.store.roles(),
    ]);
    const revisions = [...new Set(roles.map(({ revision }) => revision ?? '0'))];
    const started = new Map(await Promise.all(revisions.map(async (revision) => [revision, await this.store.inForce(revision)] as const)));
    return {
      stored,
      changes: new Map(latest.map((change) => [change.use, change])),
      work: new Map(work.map((one) => [one.analyzerId, one])),
      roles: roles.map((role) => ({ ...role, started: started.get(role.revision ?? '0')! })),
    };
  }
}

const isSame = (use: string, a: StoredSettings, b: StoredSettings): boolean =>
  settingsDifference(a.plugins.get(use) ?? {}, b.plugins.get(use) ?? {}).length === 0;

/** Whether settings have a value at a path, or below it. */
const isSet = (settings: PluginSettings, path: string): boolean =>
  settingsDifference({}, settings).some((one) => one.path === path || one.path.startsWith(`${path}.`) || one.path.startsWith(`${path}[`));
