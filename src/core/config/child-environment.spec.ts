import { describe, expect, it } from 'vitest';
import { bareEnvironment, childEnvironment } from './child-environment.js';

describe(childEnvironment.name, () => {
  it('leaves out what opens a database, a queue or an account', () => {
    const secrets = {
      DATABASE_URL: 'postgres://u:p@db/x',
      DATABASE_URL_FILE: '/run/secrets/db',
      REDIS_URL: 'redis://:p@r',
      VEDETTE_DATABASE_URL: 'x',
      PGPASSWORD: 'x',
      AWS_SECRET_ACCESS_KEY: 'x',
      OPENAI_API_KEY: 'x',
      SOME_TOKEN: 'x',
      GOOGLE_APPLICATION_CREDENTIALS: 'x',
    };
    expect(childEnvironment({ ...secrets, PATH: '/bin' })).toEqual({ PATH: '/bin' });
  });

  it('keeps what the child needs to run and to find its folders', () => {
    const needed = { PATH: '/bin', HOME: '/root', LANG: 'C.UTF-8', VEDETTE_MEDIA_DIR: '/m', VEDETTE_DATA_DIR: '/d', TZ: 'UTC' };
    expect(childEnvironment(needed)).toEqual(needed);
  });
});

describe(bareEnvironment.name, () => {
  it('keeps what libraries are found by, and nothing else', () => {
    expect(
      bareEnvironment({
        PATH: '/bin',
        LD_LIBRARY_PATH: '/lib',
        CUDA_VISIBLE_DEVICES: '0',
        HOME: '/home',
        NODE_OPTIONS: '--require x',
        DATABASE_URL: 'x',
      }),
    ).toEqual({
      PATH: '/bin',
      LD_LIBRARY_PATH: '/lib',
      CUDA_VISIBLE_DEVICES: '0',
    });
  });
});
