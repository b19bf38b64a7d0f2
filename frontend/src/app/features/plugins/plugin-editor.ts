import { computed, signal } from '@angular/core';
import type { ApiClient } from '../../api/api-client';
import { problemFrom } from '../../api/problem';
import type { ContributionWire, PluginDetailWire, PluginSettingsChangeWire, ProblemWire } from '../../api/models';
import type { Notices } from '../../core/notices';
import { contributionKey, draftChanges, draftOf, settingsOf, type ContributionDraft, type SettingsDraft } from './settings-draft';

export interface EditorDeps {
  readonly api: ApiClient;
  readonly notices: Notices;
  /** What is said when a change is kept. */
  readonly savedText: () => string;
}

/** One plugin: what is set of it, what is being set, and what was set before. */
export class PluginEditor {
  readonly plugin = signal<PluginDetailWire | null>(null);
  readonly draft = signal<SettingsDraft | null>(null);
  readonly changes = signal<readonly PluginSettingsChangeWire[]>([]);
  readonly streams = signal<readonly { readonly id: string; readonly name: string }[]>([]);
  /** Why it cannot be shown. */
  readonly problem = signal<ProblemWire | null>(null);
  /** Why what was set was not kept. */
  readonly refusal = signal<ProblemWire | null>(null);
  readonly saving = signal(false);
  /** Grows with everything that is read from the server: forms are made anew then, and at no other time. */
  readonly version = signal(0);

  readonly pending = computed(() => {
    const [plugin, draft] = [this.plugin(), this.draft()];
    return plugin === null || draft === null ? [] : draftChanges(plugin, draft);
  });
  private id: string | null = null;

  constructor(private readonly deps: EditorDeps) {}

  async load(id: string): Promise<void> {
    const isOther = this.id !== id;
    this.id = id;
    if (isOther) this.clear();
    try {
      const { api } = this.deps;
      const [plugin, changes, streams] = await Promise.all([api.plugin(id), api.pluginChanges(id), api.streams()]);
      if (this.id !== id) return;
      this.streams.set(streams.map(({ id: streamId, name }) => ({ id: streamId, name })).sort((a, b) => a.name.localeCompare(b.name)));
      this.changes.set(changes);
      this.show(plugin);
      this.problem.set(null);
    } catch (error) {
      if (this.id === id) this.problem.set(problemFrom(error));
    }
  }

  /** What is being set is forgotten. */
  discard(): void {
    const plugin = this.plugin();
    if (plugin !== null) this.show(plugin);
    this.refusal.set(null);
  }

  setEnabled(enabled: boolean): void {
    this.draft.update((draft) => draft && { ...draft, enabled });
  }

  set(contribution: ContributionWire, change: Partial<ContributionDraft>): void {
    const key = contributionKey(contribution);
    this.draft.update((draft) => {
      const now = draft?.contributions[key];
      if (!draft || !now) return draft;
      return { ...draft, contributions: { ...draft.contributions, [key]: { ...now, ...change } } };
    });
  }

  async save(): Promise<void> {
    const [plugin, draft] = [this.plugin(), this.draft()];
    if (plugin === null || draft === null) return;
    await this.change(() => this.deps.api.setPlugin(plugin.id, settingsOf(plugin, draft), plugin.revision));
  }

  /** @param revision of an earlier change: as it left the settings; null: nothing is set here any more */
  async restore(revision: string | null): Promise<void> {
    const plugin = this.plugin();
    if (plugin === null) return;
    const { api } = this.deps;
    await this.change(() =>
      revision === null ? api.setPlugin(plugin.id, {}, plugin.revision) : api.restorePlugin(plugin.id, revision, plugin.revision),
    );
  }

  private async change(work: () => Promise<PluginDetailWire>): Promise<void> {
    if (this.saving()) return;
    this.saving.set(true);
    this.refusal.set(null);
    try {
      const plugin = await work();
      this.show(plugin);
      this.deps.notices.info(this.deps.savedText());
      this.changes.set(await this.deps.api.pluginChanges(plugin.id));
    } catch (error) {
      this.refusal.set(problemFrom(error));
    } finally {
      this.saving.set(false);
    }
  }

  private show(plugin: PluginDetailWire): void {
    this.plugin.set(plugin);
    this.draft.set(draftOf(plugin));
    this.version.update((version) => version + 1);
  }

  private clear(): void {
    this.plugin.set(null);
    this.draft.set(null);
    this.changes.set([]);
    this.problem.set(null);
    this.refusal.set(null);
  }
}
