import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The entry that becomes a role when it is given the role's name. */
export const ROLE_ENTRY = fileURLToPath(new URL('../main.js', import.meta.url));

/** Version and required Node.js, from our own package.json. */
export function packageFacts(): { readonly version: string; readonly node: string } {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  const { version, engines } = JSON.parse(text) as { version: string; engines: { node: string } };
  return { version, node: engines.node };
}
