import type { Confinement, ConfinementKind } from '../core/children/confinement.js';
import { childConfinement } from '../core/config/child-confinement.js';
import type { LoadedConfig } from '../core/config/load-config.js';
import { findRoleAccount, SERVICE_USER, type RoleAccount } from './up/service-user.js';

export interface IsolationFinding {
  readonly text: string;
  /** Nothing is left that this machine could do for it. */
  readonly isComplete: boolean;
}

/** What keeps children that decode or run what is foreign from the rest of this machine: tried, as a start would. */
export async function isolationFinding(loaded: LoadedConfig): Promise<IsolationFinding> {
  const account = await findRoleAccount(loaded);
  return describeIsolation(account, await childConfinement(loaded, account.as)(), process.getuid?.() === 0);
}

/** @param isRoot whether it is root who would start Vedette */
export function describeIsolation({ as, obstacle }: RoleAccount, confinement: Confinement, isRoot: boolean): IsolationFinding {
  const roles = !isRoot
    ? ''
    : as === undefined
      ? `roles run as root, since ${obstacle ?? 'root starts them'}; `
      : `roles run as user ${SERVICE_USER}; `;
  const hasRights = KEPT_RIGHTS[confinement.kind];
  const seesSecrets = !confinement.hides && as === undefined;
  const sight = seesSecrets
    ? 'they can read what their user can, the data folder’s secrets and database files included'
    : 'they do not see the data folder’s secrets and database files';
  const why = Object.entries(confinement.refusals)
    .filter(([kind]) => seesSecrets || hasRights !== '' || !kind.endsWith('namespace'))
    .map(([kind, reason]) => `${kind}: ${reason}`);
  const refusals = why.length === 0 ? '' : ` (not available here: ${why.join('; ')})`;
  return {
    text:
      `${roles}ffmpeg, analysis hosts, model probes and picture ` +
      `readers run ${hasRights || 'with limits and without rights'}, and ${sight}${refusals}`,
    isComplete: !seesSecrets && hasRights === '' && (!isRoot || as !== undefined),
  };
}

/** What a child has that it should not have; empty where that is nothing. */
const KEPT_RIGHTS: Readonly<Record<ConfinementKind, string>> = {
  'root-namespace': '',
  'user-namespace': '',
  'no-privileges': '',
  limits: 'with limits and the rights of who started them',
  none: 'with the rights of who started them',
};
