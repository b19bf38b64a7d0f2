import type { SourceDevice } from 'vedette/plugin';

/**
 * The device of a name: its id, one of its other names, or the beginning of its title where that is one device's only.
 * @returns undefined where there is none, or more than one
 */
export function deviceNamed(devices: readonly SourceDevice[], name: string): SourceDevice | undefined {
  const exact =
    devices.find(({ id }) => id === name) ?? onlyOne(devices.filter(({ aliases, title }) => [title, ...aliases].includes(name)));
  return exact ?? onlyOne(devices.filter(({ title }) => title.toLowerCase().startsWith(name.toLowerCase())));
}

const onlyOne = <T>(found: readonly T[]): T | undefined => (found.length === 1 ? found[0] : undefined);

/** For the end of an error: what could be meant. */
export function namesOf(devices: readonly SourceDevice[]): string {
  if (devices.length === 0) return 'there is no camera on this machine';
  return `there are: ${devices.map(({ id, title }) => (id === title ? `"${id}"` : `"${title}" (${id})`)).join(', ')}`;
}
