import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A package that this installation runs, or that its dashboard is built of. */
export interface InstalledPackage {
  readonly name: string;
  /** Null for what is built into the dashboard: its list has none. */
  readonly version: string | null;
  /** As the package says: an SPDX expression in most. */
  readonly licence: string;
}

interface LockedPackage {
  readonly version?: string;
  readonly license?: string;
  readonly dev?: boolean;
  readonly link?: boolean;
}

/** `src/core/runtime` and `dist/core/runtime` lie equally deep below it. */
const PACKAGE = fileURLToPath(new URL('../../../', import.meta.url));
const LOCK = join('node_modules', '.package-lock.json');
const UNKNOWN = 'not declared';

/**
 * What is installed beside this program, by name: from the list that npm leaves in `node_modules`, and from the one that the build of the
 * dashboard leaves beside its files. Development tools are left out. Empty where neither is there.
 */
export async function installedPackages(folder = PACKAGE): Promise<InstalledPackage[]> {
  // Where this program is itself a package of another one, its packages lie beside it.
  const own = await textOf(folder, LOCK);
  const [root, locked] = own === '' ? [join(folder, '..', '..'), await textOf(folder, '..', '..', LOCK)] : [folder, own];
  const built = await textOf(folder, 'frontend', 'dist', 'frontend', '3rdpartylicenses.txt');
  const installed = await Promise.all(
    ofLock(locked).map(async ({ path, ...one }) => ({
      ...one,
      licence: one.licence ?? licenceOf(await textOf(root, path, 'package.json')),
    })),
  );
  const known = new Set(installed.map(({ name }) => name));
  const all = [...installed, ...ofDashboard(built).filter(({ name }) => !known.has(name))];
  const distinct = new Map(all.map((one) => [`${one.name} ${one.version}`, one]));
  return [...distinct.values()].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

const textOf = (...path: readonly string[]): Promise<string> => readFile(join(...path), 'utf8').catch(() => '');

function ofLock(text: string): { path: string; name: string; version: string | null; licence: string | undefined }[] {
  if (text === '') return [];
  const { packages } = JSON.parse(text) as { packages: Readonly<Record<string, LockedPackage>> };
  return Object.entries(packages).flatMap(([path, { version, license, dev, link }]) => {
    const name = path.split('node_modules/').at(-1) ?? '';
    return dev === true || link === true || !path.startsWith('node_modules/')
      ? []
      : [{ path, name, version: version ?? null, licence: license }];
  });
}

/** Old packages say it in other forms. */
function licenceOf(packageJson: string): string {
  if (packageJson === '') return UNKNOWN;
  const { license, licenses } = JSON.parse(packageJson) as {
    license?: string | { type?: string };
    licenses?: readonly { type?: string }[];
  };
  if (typeof license === 'string') return license;
  const types = [license, ...(licenses ?? [])].flatMap((one) => one?.type ?? []);
  return types.length === 0 ? UNKNOWN : types.join(' OR ');
}

const ofDashboard = (text: string): InstalledPackage[] =>
  [...text.matchAll(/^Package: (.+)\nLicense: "?([^"\n]*)"?$/gm)].map(([, name = '', licence = '']) => ({
    ...{ name, version: null, licence: licence === '' ? UNKNOWN : licence },
  }));
