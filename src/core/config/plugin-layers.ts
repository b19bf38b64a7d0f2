import type { PluginEntry } from './schema.js';

/** What the operator wrote of plugins outside the dashboard. */
export interface WrittenPlugins {
  readonly from: 'file' | 'environment';
  /** The file, or the variable. */
  readonly place: string;
  /** Entries of `plugins` as they were written, before any default. */
  readonly entries: readonly unknown[];
}

/** Settings as a role took them when it started. */
export interface SettingsOfRole {
  /** The last change that was known. */
  readonly revision: string;
  /** Plugins whose settings are left out, since they are none for this version of it. */
  readonly faults: readonly SettingsFault[];
  /** The entries without any settings: what a role falls back to where it could not start with them. */
  readonly entriesWithout: readonly PluginEntry[];
}

export interface SettingsFault {
  readonly use: string;
  readonly message: string;
}
