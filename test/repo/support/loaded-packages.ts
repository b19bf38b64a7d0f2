import { existsSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { ROOT, textOf } from './tree.js';

const IMPORT = /^import\s+(?!type\b)(?:([^';]*?)\s+from\s+)?'([^']+)'/gm;
const RE_EXPORT = /^export\s+(?!type\b)(?:\*(?: as \w+)?|\{[^}]*\})\s+from\s+'([^']+)'/gm;
/** Of `{ type A, type B }` nothing is left at run time. */
const ONLY_TYPES = /^\{(\s*type\s+[\w$]+(\s+as\s+\w+)?\s*,?)+\s*\}$/;

/** What plugins import by name, by their sources. */
const PUBLIC: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries((JSON.parse(textOf('package.json')) as { exports: Record<string, { 'vedette-source'?: string }> }).exports).flatMap(
    ([path, { 'vedette-source': source }]) => (source === undefined ? [] : [[path.replace('.', 'vedette'), normalize(source)]]),
  ),
);

/** What a file loads at once when it is loaded; types and `import()` are not among it. */
function importsOf(file: string): string[] {
  const text = textOf(file);
  return [
    ...[...text.matchAll(IMPORT)].filter(([, names = '']) => !ONLY_TYPES.test(names)).map(([, , from]) => from!),
    ...[...text.matchAll(RE_EXPORT)].map(([, from]) => from!),
  ];
}

/** What a part of a source loads when it runs there, by `import()`. */
export const loadedLater = (file: string, text = textOf(file)): string[] =>
  [...text.matchAll(/\bimport\('(\.[^']+)'\)/g)].map(([, from]) => sourceOf(file, from!));

/** Packages, and Node.js's own modules left out, that are loaded with some sources and all that those import. */
export function packagesLoadedBy(roots: readonly string[]): string[] {
  const packages = new Set<string>();
  const files = new Set(roots);
  for (const file of files) {
    for (const from of importsOf(file)) {
      const own = PUBLIC[from];
      if (own !== undefined) files.add(own);
      else if (from.startsWith('.')) files.add(sourceOf(file, from));
      else if (!from.startsWith('node:')) packages.add(/^(@[^/]+\/)?[^/]+/.exec(from)![0]);
    }
  }
  return [...packages].sort();
}

function sourceOf(importer: string, from: string): string {
  const file = normalize(join(dirname(importer), from)).replace(/\.js$/, '.ts');
  if (!existsSync(join(ROOT, file))) throw new Error(`${importer} imports ${from}, which is not there`);
  return file;
}
