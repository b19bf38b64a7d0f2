import { errorTable, errorFactory } from './errors.js';

/** Signing in, and what a signed-in user may do. */
export const authErrors = errorTable({
  VD_AUTH_REQUIRED: {
    title: 'Not signed in',
    httpStatus: 401,
    retryable: false,
    audience: 'user',
    fix: 'Sign in with name and password or a one-time token (`vedette token` prints one), or send `Authorization: Bearer <API token>`.',
  },
  VD_AUTH_TOKEN_INVALID: {
    title: 'The token does not open anything',
    httpStatus: 401,
    retryable: false,
    audience: 'user',
    fix: 'It may be mistyped, used, expired or revoked: take a fresh one from `vedette token`.',
  },
  VD_AUTH_PASSWORD_WRONG: {
    title: 'Name and password do not belong together',
    httpStatus: 401,
    retryable: false,
    audience: 'user',
    fix: 'Type both again. An admin can make you a link to set a new password; `vedette token` lets in whoever runs the machine.',
  },
  VD_AUTH_INVITATION_INVALID: {
    title: 'The link does not open anything',
    httpStatus: 401,
    retryable: false,
    audience: 'user',
    fix: 'It works once and for a time: ask an admin for a new one.',
  },
  VD_AUTH_FORBIDDEN: {
    title: 'Not allowed for this user',
    httpStatus: 403,
    retryable: false,
    audience: 'user',
    fix: 'Viewers read only: ask an admin, or use a token with the admin role.',
  },
  VD_AUTH_CROSS_ORIGIN: {
    title: 'A page of another origin tried to act for the signed-in user',
    httpStatus: 403,
    retryable: false,
    audience: 'operator',
    fix: 'If that page is yours, add its origin to api.allowedOrigins; programs use an API token instead of the cookie.',
  },
  VD_AUTH_RATE_LIMITED: {
    title: 'Too many failed attempts',
    httpStatus: 429,
    retryable: true,
    audience: 'user',
    fix: 'Try again with a fresh token (`vedette token` prints one): a right one is accepted at once, also from this address.',
  },
  VD_AUTH_PASSWORD_LIMITED: {
    title: 'Too many wrong passwords',
    httpStatus: 429,
    retryable: true,
    audience: 'user',
    fix: 'Wait for as long as the message says. A token (`vedette token` prints one) is accepted at once.',
  },
});

export const authError = errorFactory(authErrors);
