import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { redact, redactText } from '../observability/redact.js';
import { secretSource, type SecretSource } from '../plugin-api/index.js';
import { ConfigSecrets } from './config-secrets.js';

let folder: string;
let warnings: unknown[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vedette-secrets-'));
  warnings = [];
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const secrets = (environment: NodeJS.ProcessEnv = {}): ConfigSecrets =>
  new ConfigSecrets(folder, { warn: (message, fields) => void warnings.push({ message, ...fields }) }, environment);
const write = (name: string, text: string, mode = 0o600): void => {
  writeFileSync(join(folder, name), text);
  chmodSync(join(folder, name), mode);
};
const refusal = (source: SecretSource, environment?: NodeJS.ProcessEnv): unknown => {
  try {
    return secrets(environment).read(source);
  } catch (error) {
    return error;
  }
};

describe(ConfigSecrets.name, () => {
  it('reads a file beside the config, without the white space an editor leaves', () => {
    write('key', '  sk-one-two-three\n');
    expect(secrets().read({ file: 'key' })).toBe('sk-one-two-three');
    expect(secrets().read({ file: join(folder, 'key') })).toBe('sk-one-two-three');
    expect(warnings).toEqual([]);
  });

  it('warns of a file that everybody can read, and says what to do', () => {
    write('key', 'sk-open-to-all', 0o644);
    expect(secrets().read({ file: 'key' })).toBe('sk-open-to-all');
    expect(warnings).toMatchObject([{ fix: `chmod o-r ${join(folder, 'key')}` }]);
  });

  it.each([
    ['that is empty', (): void => write('key', ' \n')],
    ['that is not there', (): void => undefined],
    ['larger than any secret', (): void => write('key', 'x'.repeat(64_001))],
    ['that is a folder', (): void => void execFileSync('mkdir', [join(folder, 'key')])],
    ['that is a pipe nobody writes to', (): void => void execFileSync('mkfifo', [join(folder, 'key')])],
  ])('refuses a file %s', (_, prepare) => {
    prepare();
    expect(refusal({ file: 'key' })).toMatchObject({
      code: 'VD_CONFIG_SECRET_FILE',
      message: expect.stringContaining(join(folder, 'key')) as string,
    });
  });

  it('reads a variable, and says which one is missing or empty', () => {
    expect(secrets({ SOME_KEY: 'sk-from-the-environment' }).read({ env: 'SOME_KEY' })).toBe('sk-from-the-environment');
    for (const environment of [{}, { SOME_KEY: ' ' }]) {
      expect(refusal({ env: 'SOME_KEY' }, environment)).toMatchObject({
        code: 'VD_CONFIG_SECRET_MISSING',
        message: expect.stringContaining('SOME_KEY') as string,
      });
    }
  });

  it('has what it read masked in log lines: as it is, in JSON, in a URL and inside errors', () => {
    write('key', 'p"ss/wörd+1');
    secrets().read({ file: 'key' });
    const inUrl = `https://x/?q=${encodeURIComponent('p"ss/wörd+1')}`;
    expect(redactText(`sent p"ss/wörd+1, ${JSON.stringify({ a: 'p"ss/wörd+1' })}, ${inUrl}`)).toBe(
      'sent ***, {"a":"***"}, https://x/?q=***',
    );
    expect(JSON.stringify(redact({ error: new Error('x', { cause: new Error('p"ss/wörd+1') }) }))).not.toContain('wörd');
  });

  it('masks the secret fields of a JSON file, line by line, and leaves what is not secret in it', () => {
    const account = {
      client_email: 'watch@example.test',
      private_key: '-----BEGIN PRIVATE KEY-----\nMIIEvAIBADANBgkqhkiG\n-----END PRIVATE KEY-----\n',
    };
    write('account.json', JSON.stringify(account, null, 2));
    secrets().read({ file: 'account.json' });
    expect(redactText('MIIEvAIBADANBgkqhkiG of watch@example.test')).toBe('*** of watch@example.test');
    expect(redactText(JSON.stringify(account))).not.toContain('MIIEv');
  });
});

describe('secretSource', () => {
  it.each(['sk-written-into-the-config', { key: 'sk-x' }, { file: 'a', env: 'B' }])(
    'refuses %j and says where it is to stand',
    (written) => {
      const { error } = secretSource.safeParse(written);
      expect(error?.issues[0]?.message).toContain('{ file: secrets/key } or { env: NAME }');
      expect(error?.message).not.toContain('sk-');
    },
  );
});
