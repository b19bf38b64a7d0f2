import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CodedError } from '../plugin-api/index.js';
import { loadConfig } from './load-config.js';

let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'vedette-config-'));
});
afterEach(() => rmSync(cwd, { recursive: true, force: true }));

const file = (text: string, name = 'vedette.config.yaml'): string => {
  writeFileSync(join(cwd, name), text);
  return join(cwd, name);
};
const load = (env: NodeJS.ProcessEnv = {}) => loadConfig({ env, cwd });
const refusal = (env: NodeJS.ProcessEnv = {}): CodedError => {
  try {
    load(env);
  } catch (error) {
    expect(error).toBeInstanceOf(CodedError);
    return error as CodedError;
  }
  throw new Error('The config was accepted');
};

describe(loadConfig.name, () => {
  it('holds to the golden defaults when nothing is written', async () => {
    const { config, file: source } = load();
    expect(source).toBeNull();
    const portable = { ...config, dataDir: '<base>/data', mediaDir: '<base>/media' };
    await expect(`${JSON.stringify(portable, null, 2)}\n`).toMatchFileSnapshot('./defaults.golden.json');
  });

  it('lets the file beat defaults, the environment beat the file, and a secret file beat the environment', () => {
    file('api: { port: 9000, host: 0.0.0.0 }\npackaging: { segmentDuration: 4s }\ndatabase: { url: from-file }');
    writeFileSync(join(cwd, 'secret'), 'postgres://u:p@h/db\n');
    const { config } = load({ VEDETTE_API_PORT: '9001', DATABASE_URL: 'from-env', DATABASE_URL_FILE: join(cwd, 'secret') });
    expect(config.api).toMatchObject({ port: 9001, host: '0.0.0.0' });
    expect(config.packaging.segmentDuration).toBe(4000);
    expect(config.database.url).toBe('postgres://u:p@h/db');
  });

  it('sets every kind of key from the environment', () => {
    const { config } = load({
      VEDETTE_PACKAGING_SEGMENT_DURATION: '500ms',
      VEDETTE_API_TRUST_PROXY: '[10.1.0.0/16, loopback]',
      VEDETTE_LOG_LEVEL: 'debug',
      VEDETTE_API_ALLOWED_ORIGINS: '[https://a.example, https://b.example]',
      VEDETTE_QUEUES_CONCURRENCY: '{"default": 8}',
      REDIS_URL: 'redis://localhost',
      VEDETTE_ANALYSIS_HOSTS: '',
    });
    expect(config.packaging.segmentDuration).toBe(500);
    expect(config.api.trustProxy).toEqual(['10.1.0.0/16', 'loopback']);
    expect(config.log.level).toBe('debug');
    expect(config.api.allowedOrigins).toEqual(['https://a.example', 'https://b.example']);
    expect(config.queues.concurrency).toEqual({ default: 8 });
    expect(config.redis.url).toBe('redis://localhost');
    expect(config.analysis.hosts).toBe(0);
  });

  it('resolves folders from the folder of the file that VEDETTE_CONFIG names', () => {
    mkdirSync(join(cwd, 'etc'));
    writeFileSync(join(cwd, 'etc', 'v.yaml'), 'mediaDir: ../segments');
    const { config, baseDir } = load({ VEDETTE_CONFIG: 'etc/v.yaml' });
    expect(config.mediaDir).toBe(join(cwd, 'segments'));
    expect(config.dataDir).toBe(join(cwd, 'etc', 'data'));
    expect(baseDir).toBe(join(cwd, 'etc'));
  });

  it('freezes everything', () => {
    const { config } = load();
    expect(() => Object.assign(config.api, { port: 1 })).toThrow(TypeError);
    expect(() => Object.assign(config.plugins[0] ?? {}, { use: 'x' })).toThrow(TypeError);
  });

  it('puts an entry for a built-in in its place and adds others after', () => {
    file('plugins:\n  - use: ./door.ts\n  - use: vedette/webcam\n    enabled: false\n');
    const { config } = load();
    expect(config.plugins.map((entry) => entry.use).slice(0, 2)).toEqual(['vedette/rtmp', 'vedette/webcam']);
    expect(config.plugins.find((entry) => entry.use === 'vedette/webcam')?.enabled).toBe(false);
    expect(config.plugins.at(-1)?.use).toBe('./door.ts');
  });
});

describe('a config that cannot be accepted', () => {
  it('says the key, what it got and expected, the line, and the fix', () => {
    const path = file('log:\n  level: info\napi:\n  port: 0\n');
    const error = refusal();
    expect(error.code).toBe('VD_CONFIG_INVALID');
    expect(error.message).toBe(`${path}:4: api.port: expected at least 1, got 0`);
    expect(error.fix).toBe('Set api.port in vedette.config.yaml, or VEDETTE_API_PORT in the environment, to at least 1.');
  });

  it('names the variable when the environment is to blame', () => {
    file('api:\n  port: 9000\n');
    expect(refusal({ VEDETTE_API_PORT: 'http' }).message).toBe('VEDETTE_API_PORT: api.port: expected a number, got "http"');
  });

  it.each([
    ['packaging: { segmentDuration: 2 }', 'packaging.segmentDuration: expected a string, got 2'],
    ['packaging: { segmentDuration: 2 s }', 'a duration with its unit'],
    ['log: { format: xml }', 'expected one of pretty, json, got "xml"'],
    ['api: 3', 'api: expected an object, got 3'],
    ['plugins: yes please', 'plugins: expected an array'],
    ['plugins: [{ use: "" }]', 'plugins[0].use: expected at least 1 character, got ""'],
    ['plugins: [{ use: a }, { use: a }]', '"a" is listed twice'],
  ])('refuses %s', (text, message) => {
    file(text);
    const error = refusal();
    expect(error.code).toBe('VD_CONFIG_INVALID');
    expect(error.message).toContain(message);
    expect(error.fix).not.toBe('');
  });

  it('refuses an environment value under a key the file uses as a plain value', () => {
    file('api: 3');
    expect(refusal({ VEDETTE_API_PORT: '9000' }).message).toContain('api: expected keys and values, got 3');
  });

  it.each([
    ['api:\n  prot: 9000', ':2: api.prot is not a config key; did you mean port?'],
    ['plugins:\n  - use: a\n    analysers: {}', ':3: plugins[0].analysers is not a config key; did you mean analyzers?'],
    ['zzzzzzzzzzzzz: 1', ':1: zzzzzzzzzzzzz is not a config key'],
  ])('points at the unknown key of %j', (text, message) => {
    const path = file(text);
    const error = refusal();
    expect(error.code).toBe('VD_CONFIG_UNKNOWN_KEY');
    expect(error.message).toBe(`${path}${message}`);
  });

  it('refuses a VEDETTE_ variable that names no key, and suggests the one that was meant', () => {
    const error = refusal({ VEDETTE_API_PROT: '1' });
    expect(error.code).toBe('VD_CONFIG_UNKNOWN_KEY');
    expect(error.message).toContain('did you mean VEDETTE_API_PORT?');
  });

  it.each([
    [
      'alias bomb',
      'a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c]',
      'VD_CONFIG_SYNTAX',
    ],
    ['deep nesting', `plugins: ${'['.repeat(100_000)}`, 'VD_CONFIG_SYNTAX'],
    ['prototype key', 'api:\n  __proto__: { port: 1 }', 'VD_CONFIG_UNKNOWN_KEY'],
    ['prototype key in an open record', 'queues: { concurrency: { __proto__: 4 } }', 'VD_CONFIG_UNKNOWN_KEY'],
    ['constructor key', 'constructor: { prototype: 1 }', 'VD_CONFIG_UNKNOWN_KEY'],
    ['repeated key', 'demo: {}\ndemo: {}', 'VD_CONFIG_SYNTAX'],
    ['custom tag', 'dataDir: !!js/function x', 'VD_CONFIG_SYNTAX'],
    ['list at the root', '- a', 'VD_CONFIG_SYNTAX'],
    ['two documents', 'demo: {}\n---\ndemo: {}', 'VD_CONFIG_SYNTAX'],
    ['unclosed quote', 'dataDir: "x', 'VD_CONFIG_SYNTAX'],
    ['more than 1 MB', `# ${'x'.repeat(1_000_001)}`, 'VD_CONFIG_FILE_UNREADABLE'],
  ])('refuses hostile YAML: %s', (_, text, code) => {
    file(text);
    expect(refusal().code).toBe(code);
    expect(({} as Record<string, unknown>).port).toBeUndefined();
  });

  it('merges YAML maps, what is written beside them first', () => {
    file('packaging: &times { segmentDuration: 4s }\nqueues: { concurrency: { default: 4, <<: { default: 8, motion: 2 } } }');
    expect(load().config.queues.concurrency).toEqual({ default: 4, motion: 2 });
    file('api: { <<: { prot: 8080 } }');
    expect(refusal()).toMatchObject({ code: 'VD_CONFIG_UNKNOWN_KEY', message: expect.stringContaining('api.prot') as string });
    file('api: { <<: { __proto__: { port: 1 } } }');
    expect(refusal().code).toBe('VD_CONFIG_UNKNOWN_KEY');
    file('api: { <<: 5 }');
    expect(refusal().code).toBe('VD_CONFIG_SYNTAX');
  });

  it.each([
    ['empty', Buffer.alloc(0), 'empty'],
    ['filled with zeros', Buffer.alloc(300), 'zeros'],
    ['UTF-16 with a mark', Buffer.from('\uFEFFapi: { port: 9000 }', 'utf16le'), 'UTF-16'],
    ['UTF-16 without one', Buffer.from('api: { port: 9000 }', 'utf16le'), 'UTF-16'],
    ['UTF-16, high bytes first', Buffer.from('\uFEFFapi: {}', 'utf16le').swap16(), 'UTF-16'],
    ['a Git LFS pointer', Buffer.from('version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 5\n'), 'git lfs pull'],
  ])('says what a file is that is %s', (_, bytes, words) => {
    writeFileSync(join(cwd, 'vedette.config.yaml'), bytes);
    expect(refusal()).toMatchObject({ code: 'VD_CONFIG_FILE_UNREADABLE', message: expect.stringContaining(words) as string });
    writeFileSync(join(cwd, 'secret'), bytes);
    expect(refusal({ VEDETTE_CONFIG: file('{}', 'good.yaml'), REDIS_URL_FILE: join(cwd, 'secret') })).toMatchObject({
      code: 'VD_CONFIG_SECRET_FILE',
      message: expect.stringContaining(words) as string,
    });
  });

  it('takes the mark of UTF-8, and a file of nothing but comments', () => {
    file('\uFEFFapi: { port: 9000 }');
    expect(load().config.api.port).toBe(9000);
    file('# all defaults\n');
    expect(load().config.api.port).toBe(8080);
  });

  it('passes over what Kubernetes sets for services named vedette and vedette-api, and says which', () => {
    const links = (prefix: string): NodeJS.ProcessEnv => ({
      [`${prefix}_SERVICE_HOST`]: '10.43.161.118',
      [`${prefix}_SERVICE_PORT`]: '8080',
      [`${prefix}_SERVICE_PORT_HTTP`]: '8080',
      [`${prefix}_PORT`]: 'tcp://10.43.161.118:8080',
      [`${prefix}_PORT_8080_TCP`]: 'tcp://10.43.161.118:8080',
      [`${prefix}_PORT_8080_TCP_PROTO`]: 'tcp',
      [`${prefix}_PORT_8080_TCP_PORT`]: '8080',
      [`${prefix}_PORT_8080_TCP_ADDR`]: '10.43.161.118',
    });
    const env = { ...links('VEDETTE'), ...links('VEDETTE_API'), ...links('VEDETTE_RTMP_INGEST') };
    const { config, ignoredVariables } = load(env);
    expect(config.api.port).toBe(8080);
    expect(ignoredVariables?.toSorted()).toEqual(Object.keys(env).toSorted());
    // What the pod's own template says stands, and what is no link is still a mistake.
    expect(load({ ...links('VEDETTE_API'), VEDETTE_API_PORT: '9000' }).config.api.port).toBe(9000);
    expect(refusal({ ...links('VEDETTE'), VEDETTE_API_PROT: '1' }).code).toBe('VD_CONFIG_UNKNOWN_KEY');
    expect(refusal({ VEDETTE_SERVICE_PORT: '8080' }).code).toBe('VD_CONFIG_UNKNOWN_KEY');
  });

  it('refuses a missing file that VEDETTE_CONFIG names', () => {
    expect(refusal({ VEDETTE_CONFIG: 'nowhere.yaml' }).code).toBe('VD_CONFIG_FILE_UNREADABLE');
  });

  it('refuses environment values that are not YAML', () => {
    expect(refusal({ VEDETTE_API_ALLOWED_ORIGINS: '[a' }).code).toBe('VD_CONFIG_SYNTAX');
  });

  it.each([
    ['missing', undefined],
    ['empty', ''],
    ['too large', 'x'.repeat(64_001)],
  ])('refuses a %s secret file', (_, content) => {
    if (content !== undefined) file(content, 'secret');
    const error = refusal({ REDIS_URL_FILE: join(cwd, 'secret') });
    expect(error.code).toBe('VD_CONFIG_SECRET_FILE');
    expect(error.message).toContain('REDIS_URL_FILE=');
  });

  it('keeps a wrongly written secret out of the message', () => {
    file('redis: { url: { password: hunter2 } }');
    expect(refusal().message).not.toContain('hunter2');
  });
});
