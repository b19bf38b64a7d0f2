import type { CodedError, MediaFailure, MediaFailureKind } from 'vedette/plugin';
import { pullError } from './errors.js';

type PullCode = Parameters<typeof pullError>[0];

const CODES: Readonly<Record<MediaFailureKind, readonly [PullCode, string]>> = {
  ended: ['VD_PULL_ENDED', 'closed the connection'],
  refused: ['VD_PULL_REFUSED', 'refuses connections'],
  unreachable: ['VD_PULL_UNREACHABLE', 'cannot be reached'],
  timeout: ['VD_PULL_TIMEOUT', 'does not answer, or sends nothing'],
  unauthorised: ['VD_PULL_UNAUTHORISED', 'does not accept this user and password'],
  forbidden: ['VD_PULL_UNAUTHORISED', 'does not let this user see it'],
  'not-found': ['VD_PULL_NOT_FOUND', 'has no stream at this path'],
  rejected: ['VD_PULL_REJECTED', 'refused'],
  invalid: ['VD_PULL_NOT_MEDIA', 'gives what cannot be read'],
  'no-media': ['VD_PULL_NO_MEDIA', 'sends neither a picture nor sound that can be read'],
  'codec-unsupported': ['VD_PULL_CODEC', 'sends pictures that cannot go through as they are'],
  redirected: ['VD_PULL_ADDRESS_REFUSED', 'leads to another address'],
  stalled: ['VD_PULL_STALLED', 'has stopped sending'],
  'reader-died': ['VD_PULL_READER', 'could not be read: the reading process ended'],
};

/**
 * @param where host and port of the source: no more of its address
 * @param isSrt a call by SRT that is not answered and one that is refused end alike
 */
export function failureError({ kind, detail }: MediaFailure, where: string, isSrt = false): CodedError {
  if (isSrt && kind === 'rejected') return pullError('VD_PULL_SRT_UNANSWERED', `${where} did not take the call (${detail})`);
  const [code, what] = CODES[kind];
  return pullError(code, `${where} ${what} (${detail})`);
}
