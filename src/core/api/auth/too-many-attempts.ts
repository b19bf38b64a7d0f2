import { authErrors } from '../../errors/auth.errors.js';
import { VedetteError } from '../../errors/errors.js';

/** A network, or a name, that failed too often. */
export class TooManyAttempts extends VedetteError {
  constructor(
    code: 'VD_AUTH_RATE_LIMITED' | 'VD_AUTH_PASSWORD_LIMITED',
    /** When a failure is answered as such again. */
    readonly retryAfterS: number,
  ) {
    super(code, authErrors[code], `Too many failed attempts; try again in ${retryAfterS} s.`);
  }
}
