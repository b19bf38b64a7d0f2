import { describe, expect, it } from 'vitest';
import { Confinement } from '../core/children/confinement.js';
import { nodeEnvironment } from '../core/config/child-environment.js';
import { describeIsolation } from './isolation-finding.js';

const environment = nodeEnvironment({});
const vedette = { environment, as: { name: 'vedette', uid: 999, gid: 999, wrapper: Confinement.NONE } };

describe(describeIsolation.name, () => {
  it.each([
    ['a namespace', { environment }, new Confinement('user-namespace', []), false, true, /without rights, and they do not see .* files$/],
    [
      'a container without namespaces',
      { environment },
      new Confinement('no-privileges', [], { 'user-namespace': 'unshare failed: Operation not permitted' }),
      false,
      false,
      /without rights, and they can read .*secrets.*\(not available here: user-namespace: unshare failed: Operation not permitted\)$/,
    ],
    [
      'no util-linux',
      { environment },
      new Confinement('none', [], { limits: 'no sh' }),
      false,
      false,
      /run with the rights of who started them.*limits: no sh/,
    ],
    [
      'root',
      vedette,
      new Confinement('no-privileges', [], { 'user-namespace': 'x' }),
      true,
      true,
      /^roles run as user vedette; .* do not see .* files$/,
    ],
    [
      'root below a closed folder',
      { environment, obstacle: 'user vedette cannot pass through /root' },
      new Confinement('root-namespace', []),
      true,
      false,
      /^roles run as root, since user vedette cannot pass through \/root; .* do not see/,
    ],
  ])('says what is kept from children, and why not more: %s', (_, account, confinement, isRoot, isComplete, text) => {
    const finding = describeIsolation(account, confinement, isRoot);
    expect(finding).toEqual({ text: expect.stringMatching(text), isComplete });
  });
});
