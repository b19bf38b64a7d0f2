import type { CodedError } from 'vedette/plugin';
import { pullError } from '../errors.js';

/** Names the trouble behind a connection that could not be made, or broke. @param where host and port, no more of the address */
export function connectionError(cause: unknown, where: string): CodedError {
  const { code = '', message } = cause as NodeJS.ErrnoException;
  switch (code) {
    case 'ECONNREFUSED':
      return pullError('VD_PULL_REFUSED', `${where} refuses connections`);
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return pullError('VD_PULL_NAME_UNKNOWN', `The name in ${where} cannot be resolved`);
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return pullError('VD_PULL_UNREACHABLE', `${where} cannot be reached`);
    case 'ETIMEDOUT':
      return pullError('VD_PULL_TIMEOUT', `${where} does not answer`);
    case 'ECONNRESET':
    case 'EPIPE':
      return pullError('VD_PULL_ENDED', `${where} closed the connection`);
    default:
      return pullError('VD_PULL_REJECTED', `${where}: ${code === '' ? message : code}`);
  }
}
