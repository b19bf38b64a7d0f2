export const en = {
  head: {
    password: 'Sign in to watch and to look back.',
    token: 'Sign in with the one-time token from the start banner.',
    ended: 'Your session has ended. Sign in again.',
  },
  name: 'Name',
  password: 'Password',
  show: 'Show',
  token: 'One-time token',
  submit: 'Sign in',
  busy: 'Signing in…',
  wait: { one: 'Try again in {{count}} second', other: 'Try again in {{count}} seconds' },
  byToken: 'Use a token instead',
  byPassword: 'Use name and password instead',
  lost: {
    password: 'Forgot it? An admin can make you a link to set a new one.',
    token: 'Lost it? Run `vedette token` on the machine that runs Vedette: it prints a new one.',
  },
  first: { text: 'Nobody has a name and a password here so far.', link: 'Set them up' },
  incomplete: {
    password: 'Type your name and your password.',
    token: 'Paste the token first. It is in the banner that Vedette prints when it starts.',
  },
  wrong: {
    password: 'Name and password do not belong together. Capital letters count in the password, not in the name.',
    limited: 'Too many wrong passwords came from your network, or for this name. A token is accepted at once.',
    token: 'This token opens nothing: it may be mistyped, used, expired or revoked. `vedette token` prints a fresh one.',
  },
};
export type SignInTexts = typeof en;
