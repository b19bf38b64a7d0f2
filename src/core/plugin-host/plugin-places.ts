import { existsSync, realpathSync } from 'node:fs';
import { dirname, join, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isPath } from './plugin-source.js';

interface Place {
  /** As the config names the plugin. */
  readonly use: string;
  readonly file?: string;
  /** Ends with a separator. */
  readonly folder?: string;
}

/** Vedette's own package, with what is installed for it: no plugin's code, also where a plugin's folder holds it. */
const OWN_ROOT = resolve(import.meta.dirname, '../../..') + sep;
/** `at open (<file>:1:2)`, `at async <file>:1:2` */
const FRAME = /^\s+at (?:.*\((.+):\d+:\d+\)|(?:async )?(.+):\d+:\d+)$/gm;

/** Where the plugins that others wrote lie on disk: names the plugin whose code a stack leads through. */
export class PluginPlaces {
  private readonly places: readonly Place[];

  /**
   * @param uses what entries of `plugins` name
   * @param baseDir folder of the config file
   */
  constructor(uses: readonly string[], baseDir: string) {
    this.places = uses.filter((use) => !use.startsWith('vedette/')).map((use) => placeOf(use, baseDir));
  }

  /** @returns the `use` of the plugin nearest to where the error was made; several where plugins share a folder */
  ownerOf(stack: string | undefined): string | undefined {
    for (const [, inBrackets, bare = ''] of (stack ?? '').matchAll(FRAME)) {
      const location = inBrackets ?? bare;
      const file = location.startsWith('file:') ? fileURLToPath(location) : location;
      const exact = this.places.filter((place) => place.file === file);
      const owners = exact.length > 0 ? exact : this.places.filter(({ folder }) => folder !== undefined && isIn(folder, file));
      if (owners.length > 0) return owners.map(({ use }) => use).join(' or ');
    }
    return undefined;
  }
}

const isIn = (folder: string, file: string): boolean =>
  file.startsWith(folder) && !(OWN_ROOT.startsWith(folder) && file.startsWith(OWN_ROOT));

function placeOf(use: string, baseDir: string): Place {
  if (!isPath(use)) return { use, folder: packageFolder(use, baseDir) };
  const named = resolve(baseDir, use);
  const file = existsSync(named) ? realpathSync(named) : named;
  // Beside the config file lies everything; a folder below it is taken for the plugin's own.
  return dirname(named) === resolve(baseDir) ? { use, file } : { use, file, folder: dirname(file) + sep };
}

/** The nearest `node_modules/<package>` above, its links followed as Node follows them. */
function packageFolder(use: string, baseDir: string): string | undefined {
  const name = use
    .split('/')
    .slice(0, use.startsWith('@') ? 2 : 1)
    .join('/');
  for (let at = resolve(baseDir); ; at = dirname(at)) {
    const folder = join(at, 'node_modules', name);
    if (existsSync(folder)) return realpathSync(folder) + sep;
    if (dirname(at) === at) return undefined;
  }
}
