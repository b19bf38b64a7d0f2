import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, textOf } from '../tree.js';
import type { DeployedRole } from './deployed-role.js';

const FOLDER = 'deploy/systemd';
const CREDENTIALS = '/run/credentials';

export const UNITS = readdirSync(join(ROOT, FOLDER)).filter((file) => file.endsWith('.service'));

/** A unit's settings with those that all units have in common; a setting that is given again adds to what was there. */
export function settingsOf(unit: string): Map<string, string[]> {
  const settings = new Map<string, string[]>();
  for (const file of [`${FOLDER}/${unit}`, `${FOLDER}/vedette-.service.d/common.conf`]) {
    for (const [, name = '', value = ''] of textOf(file).matchAll(/^([A-Z]\w+)=(.*)$/gm)) {
      settings.set(name, [...(settings.get(name) ?? []), value]);
    }
  }
  return settings;
}

const words = (values: readonly string[] = []): string[] => values.flatMap((value) => value.split(/\s+/)).filter((word) => word !== '');

export const systemdRoles = (): DeployedRole[] =>
  UNITS.map((unit) => {
    const settings = settingsOf(unit);
    const pairs = words(settings.get('Environment')).map((pair) => pair.split('=') as [string, string]);
    return {
      where: `${FOLDER}/${unit}`,
      command: words(settings.get('ExecStart')).slice(2),
      env: Object.fromEntries(pairs.map(([name, value]) => [name, value.replace('%d', CREDENTIALS)])),
      ports: [],
      writable: words(settings.get('StateDirectory')).map((name) => `/var/lib/${name}`),
    };
  });
