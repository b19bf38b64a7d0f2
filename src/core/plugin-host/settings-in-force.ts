import type { SettingsOfRole } from '../config/plugin-layers.js';

/** What this process made of the dashboard's settings when it loaded its plugins; told with its heartbeat. */
export class SettingsInForce {
  /** @param left why all settings were left out: plugins could not be loaded with them */
  constructor(
    private readonly settings: SettingsOfRole | undefined,
    private readonly left: string | undefined,
  ) {}

  /** Empty where this process looked for none. */
  report(): Record<string, unknown> {
    if (this.settings === undefined) return {};
    const { revision, faults } = this.settings;
    return { settings: { revision, faults: this.left === undefined ? faults : [...faults, { use: '*', message: this.left }] } };
  }
}
