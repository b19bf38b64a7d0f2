import type { SourceDeviceMode } from 'vedette/plugin';

/** Each mode once, in the order of the first. */
export function distinct(modes: readonly SourceDeviceMode[]): SourceDeviceMode[] {
  return [...new Map(modes.map((mode) => [JSON.stringify(Object.entries(mode).sort()), mode])).values()];
}
