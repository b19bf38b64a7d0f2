import { readFileSync } from 'node:fs';

export interface PackageFacts {
  readonly version: string;
  /** Range of Node.js versions Vedette runs on. */
  readonly node: string;
}

/** From our own package.json; `src/core/runtime` and `dist/core/runtime` lie equally deep below it. */
export function packageFacts(): PackageFacts {
  const text = readFileSync(new URL('../../../package.json', import.meta.url), 'utf8');
  const { version, engines } = JSON.parse(text) as { version: string; engines: { node: string } };
  return { version, node: engines.node };
}
