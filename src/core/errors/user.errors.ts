import { errorTable, errorFactory } from './errors.js';

/** People: who may come in, by which name and password. */
export const userErrors = errorTable({
  VD_USER_NAME_TAKEN: {
    title: 'Somebody has this name',
    httpStatus: 409,
    retryable: false,
    audience: 'user',
    fix: 'Take another name. Capital letters make no difference.',
  },
  VD_USER_PASSWORD_WEAK: {
    title: 'The password is too easy to guess',
    httpStatus: 400,
    retryable: false,
    audience: 'user',
    fix: 'Take at least 10 characters that are not your name and not one repeated; a few words one after the other are good.',
  },
  VD_USER_OLD_PASSWORD_WRONG: {
    title: 'The old password is not right',
    httpStatus: 403,
    retryable: false,
    audience: 'user',
    fix: 'Type the password that you sign in with. Lost: an admin makes a link for a new one, or `vedette token` gives an hour without it.',
  },
  VD_USER_LAST_ADMIN: {
    title: 'Nobody would be left who may change anything',
    httpStatus: 409,
    retryable: false,
    audience: 'user',
    fix: 'Make another person an admin first, one who has signed in.',
  },
  VD_USER_DISABLED: {
    title: 'The person may not come in at the moment',
    httpStatus: 409,
    retryable: false,
    audience: 'user',
    fix: 'Enable the person first.',
  },
  VD_USER_SETUP_DONE: {
    title: 'The first person is there already',
    httpStatus: 409,
    retryable: false,
    audience: 'user',
    fix: 'Sign in with name and password, or by what `vedette token` gives.',
  },
  VD_USER_NOT_A_PERSON: {
    title: 'A token is signed in, no person',
    httpStatus: 403,
    retryable: false,
    audience: 'user',
    fix: 'Sign in with name and password, or with the token that `vedette token` gives, to set a password.',
  },
});

export const userError = errorFactory(userErrors);
