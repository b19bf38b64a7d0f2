import type { InstalledPluginWire } from '../../api/models';

/** The lamp of `controls.css` that shows how a plugin is; a word stands beside it. */
export const HEALTH_LAMPS: Readonly<Record<InstalledPluginWire['health'], string>> = {
  well: 'live',
  failing: 'failed',
  off: 'stopped',
  broken: 'failed',
};
