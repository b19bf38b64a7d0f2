import { computed, signal } from '@angular/core';
import type { ApiClient } from '../../api/api-client';
import type { PluginDetailWire } from '../../api/models';
import { Doing } from '../../core/doing';
import { groupedBy } from '../../core/grouped-by';
import { isAllSet, withSettings, type Setting } from './plugin-setting';

/** A change of a plugin's settings that was made here, and the one before it; null: there was none. */
interface Made {
  readonly pluginId: string;
  readonly before: string | null;
  readonly revision: string | null;
}

const byPlugin = (settings: readonly Setting[]): ReadonlyMap<string, readonly Setting[]> => groupedBy(settings, ({ pluginId }) => pluginId);

/** Sets what a change of capacity takes in the settings of plugins, tells whether it is set, and takes it back. */
export class ApplyState {
  private readonly doing = new Doing();
  readonly busy = this.doing.busy;
  readonly problem = this.doing.problem;
  private readonly wanted = signal<readonly Setting[]>([]);
  private readonly plugins = signal<ReadonlyMap<string, PluginDetailWire>>(new Map());
  private readonly made = signal<readonly Made[]>([]);

  /** All of it is kept already. */
  readonly isSet = computed(
    () => this.wanted().length > 0 && [...byPlugin(this.wanted())].every(([id, own]) => isAllSet(this.plugins().get(id)?.settings, own)),
  );
  /** Something was set here since the page was opened, whatever is on offer now. */
  readonly canUndo = computed(() => this.made().length > 0);
  /** Processes that have to be started anew before it counts, each once: "worker on studio". */
  readonly waiting = computed(() => [
    ...new Map(
      [...byPlugin(this.wanted()).keys()]
        .flatMap((id) => this.plugins().get(id)?.roles ?? [])
        .filter(({ isCurrent }) => !isCurrent)
        .map(({ role, host }) => [`${role} ${host}`, { role, host }] as const),
    ).values(),
  ]);
  private asked = '';

  constructor(private readonly api: Pick<ApiClient, 'plugin' | 'setPlugin' | 'restorePlugin'>) {}

  /** This change is on offer now: is it set already? */
  async offer(settings: readonly Setting[]): Promise<void> {
    const asked = JSON.stringify(settings);
    if (asked === this.asked) return;
    this.asked = asked;
    this.wanted.set(settings);
    this.problem.set(null);
    try {
      const plugins = await Promise.all([...byPlugin(settings).keys()].map(async (id) => [id, await this.api.plugin(id)] as const));
      if (asked === this.asked) this.plugins.set(new Map(plugins));
    } catch {
      // Whether it is set is not known then; to set it tells why it cannot be.
    }
  }

  /** All of it or nothing. @returns whether it is set */
  apply(settings: readonly Setting[]): Promise<boolean> {
    return this.doing.attempt(async () => {
      const kept = this.made().length;
      for (const [id, own] of byPlugin(settings)) {
        try {
          const { settings: there, revision: before } = await this.api.plugin(id);
          const { revision } = this.keep(await this.api.setPlugin(id, withSettings(there, own), before));
          this.made.update((made) => [...made, { pluginId: id, before, revision }]);
        } catch (error) {
          await this.takeBack(kept);
          throw error;
        }
      }
    });
  }

  /** Sets the plugins as they were before all that was set here. @returns whether they are so */
  undo(): Promise<boolean> {
    return this.doing.attempt(() => this.takeBack(0));
  }

  /** @param kept so many of the first changes stay */
  private async takeBack(kept: number): Promise<void> {
    for (const one of this.made().slice(kept).toReversed()) {
      const { pluginId, before, revision } = one;
      this.keep(
        before === null ? await this.api.setPlugin(pluginId, {}, revision) : await this.api.restorePlugin(pluginId, before, revision),
      );
      this.made.update((made) => made.filter((other) => other !== one));
    }
  }

  private keep(plugin: PluginDetailWire): PluginDetailWire {
    this.plugins.update((plugins) => new Map(plugins).set(plugin.id, plugin));
    return plugin;
  }
}
