import { startChild, type ChildEnvironment } from './child-process.js';
import { Confinement, type ChildCommand, type CommandWrapper, type ConfinementKind } from './confinement.js';
import type { SystemUser } from './system-user.js';

const TRIAL_TIMEOUT_MS = 5_000;

/** What confined children must not see, and what they cannot do without. */
export interface ConfinementWishes {
  readonly hide: readonly string[];
  /** Folders that they must be able to go through, where they exist. */
  readonly reach: readonly string[];
  /** Folders that they must be able to write to, where they exist. */
  readonly write: readonly string[];
  readonly env: ChildEnvironment;
  /** As whom the parent of those children runs; absent: as this process. */
  readonly as?: SystemUser & { readonly wrapper: CommandWrapper };
}

/** Run in the confinement: whether what is needed is there. Which folder is not goes to standard error. */
const TRIAL = `
while [ "$1" != -- ]; do [ ! -e "$1" ] || [ -x "$1" ] || { echo "it cannot go through $1" >&2; exit 1; }; shift; done
shift
for at; do [ -w "$at" ] || { echo "it cannot write to $at" >&2; exit 1; }; done`;

/**
 * The strongest confinement that works on this machine for this process. Each is tried, not guessed: whether namespaces may be made
 * depends on the kernel, its settings, the container and who asks.
 * @param candidates strongest first; others in tests only
 */
export async function findConfinement(
  { hide, reach, write, env, as }: ConfinementWishes,
  candidates: readonly ConfinementKind[] = kindsOn(process.platform, as?.uid ?? process.getuid?.()),
): Promise<Confinement> {
  const refusals: Partial<Record<ConfinementKind, string>> = {};
  for (const kind of candidates) {
    const confinement = new Confinement(kind, hide, { ...refusals }, as);
    const refusal = await refusalOf(confinement.wrap('sh', ['-c', TRIAL, 'vedette', ...reach, '--', ...write]), env, as?.wrapper);
    if (refusal === null) return confinement;
    refusals[kind] = refusal;
  }
  return new Confinement('none', [], refusals);
}

function kindsOn(platform: NodeJS.Platform, uid: number | undefined): readonly ConfinementKind[] {
  if (platform === 'win32') return [];
  if (platform !== 'linux') return ['limits'];
  return [...(uid === 0 ? (['root-namespace'] as const) : []), 'user-namespace', 'no-privileges', 'limits'];
}

/** Null when it works. */
function refusalOf({ program, args }: ChildCommand, env: ChildEnvironment, as: CommandWrapper | undefined): Promise<string | null> {
  return new Promise((resolve) => {
    const child = startChild(program, args, {
      env,
      confinement: as,
      cwd: '/',
      stdio: ['ignore', 'ignore', 'pipe'],
      timeout: TRIAL_TIMEOUT_MS,
    });
    let said = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (said += text));
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code, signal) =>
      resolve(code === 0 ? null : (said.trim().split('\n').at(-1) ?? '') || `ended with ${signal ?? code}`),
    );
  });
}
