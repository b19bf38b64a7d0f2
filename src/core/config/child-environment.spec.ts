import { describe, expect, it } from 'vitest';
import { deviceEnvironment, nodeEnvironment, pathEnvironment, programEnvironment } from './child-environment.js';

/** What opens a database, a queue, an account or the machine, and what nobody has thought of. */
const KEPT_BACK = {
  DATABASE_URL: 'postgres://u:p@db/x',
  DATABASE_URL_FILE: '/run/secrets/db',
  REDIS_URL: 'redis://:p@r',
  VEDETTE_DATABASE_URL: 'x',
  VEDETTE_MEDIA_DIR: '/m',
  PGPASSWORD: 'x',
  AWS_SECRET_ACCESS_KEY: 'x',
  OPENAI_API_KEY: 'x',
  GOOGLE_APPLICATION_CREDENTIALS: 'x',
  HTTPS_PROXY: 'http://u:p@proxy',
  ACME_PIN: '1234',
  LD_PRELOAD: '/x.so',
  SSH_AUTH_SOCK: '/s',
};
const PROGRAM = { PATH: '/bin', LD_LIBRARY_PATH: '/lib', CUDA_VISIBLE_DEVICES: '0', LANG: 'C.UTF-8', LC_ALL: 'C', TZ: 'UTC', TMPDIR: '/t' };
const DEVICES = { HOME: '/h', XDG_RUNTIME_DIR: '/run/user/1', PULSE_SERVER: 'p', DISPLAY: ':0' };
const NODE = { HOME: '/h', NODE_OPTIONS: '--max-old-space-size=1', NODE_EXTRA_CA_CERTS: '/ca', OMP_NUM_THREADS: '1', NO_COLOR: '1' };
const everything = { ...KEPT_BACK, ...PROGRAM, ...DEVICES, ...NODE };

describe('the environments of children, each by a list of what it takes', () => {
  it.each([
    ['a reader of pictures', pathEnvironment, { PATH: '/bin' }],
    ['a program', programEnvironment, PROGRAM],
    ['ffmpeg', deviceEnvironment, { ...PROGRAM, ...DEVICES }],
    ['a Node.js process of ours', nodeEnvironment, { ...PROGRAM, ...NODE }],
  ])('give %s what it runs by, and nothing else', (_, environmentOf, expected) => {
    expect(environmentOf(everything)).toEqual(expected);
  });
});
