import { readdir } from 'node:fs/promises';
import type { ErrorSpec } from './errors.js';

export interface ErrorTableRow extends ErrorSpec {
  readonly code: string;
}

/** Every coded error of core, sorted: gathered from the `*.errors` files beside this one, so that no list is kept by hand. */
export async function loadErrorTable(): Promise<ErrorTableRow[]> {
  const rows: ErrorTableRow[] = [];
  for (const file of await readdir(import.meta.dirname)) {
    if (!/\.errors\.[jt]s$/.test(file)) continue;
    const area = (await import(new URL(file, import.meta.url).href)) as Record<string, unknown>;
    for (const table of Object.values(area)) {
      if (typeof table !== 'object' || table === null) continue;
      for (const [code, spec] of Object.entries(table as Record<string, ErrorSpec>)) {
        if (code.startsWith('VD_')) rows.push({ code, ...spec });
      }
    }
  }
  return rows.sort((a, b) => (a.code < b.code ? -1 : 1));
}
