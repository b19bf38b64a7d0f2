import { describe, expect, it } from 'vitest';
import { CodedError } from '../plugin-api/index.js';
import { createLogger, type LoggerOptions } from './logger.js';
import { NestLogger } from './nest-logger.js';
import { redact, redactText } from './redact.js';

function logger(options: Partial<LoggerOptions> = {}) {
  const lines: string[] = [];
  const log = createLogger({
    role: 'worker',
    level: 'info',
    format: 'json',
    destination: { write: (line) => lines.push(line) },
    ...options,
  });
  return { log, lines, last: () => JSON.parse(lines.at(-1) ?? '{}') as Record<string, unknown> };
}
const KEY = 'vd_abcdefghijklmnopqrstuvwxyz234567';

describe(redactText.name, () => {
  it.each([
    [`rtmp://127.0.0.1:1935/live/${KEY}`, 'rtmp://127.0.0.1:1935/live/***'],
    ['rtmps://host/app/some-other-key?x=1 was refused', 'rtmps://host/app/*** was refused'],
    [`publisher used ${KEY}`, 'publisher used vd_***'],
    ['one-time token vdo_dwY0XOUfjid3JXb9nfYySrsDKPQ', 'one-time token vd_***'],
    ['postgres://vedette:s3cret@127.0.0.1/vedette', 'postgres://vedette:***@127.0.0.1/vedette'],
    ['redis://:s3cret@host:6379', 'redis://:***@host:6379'],
    ['Authorization: Bearer abc.def.ghi', 'Authorization: Bearer ***'],
    ['GET /x?token=abc&y=1', 'GET /x?token=***&y=1'],
    ['nothing secret in segment 000012.ts', 'nothing secret in segment 000012.ts'],
  ])('%s', (text, safe) => expect(redactText(text)).toBe(safe));
});

describe(redact.name, () => {
  it('masks secret fields at any depth and leaves ids alone', () => {
    const value = {
      streamKey: 'x',
      apiKey: 'x',
      password: 'x',
      nested: { accessToken: 'x', keyId: '7', keyframe: true },
      list: [{ secret: 1 }],
    };
    expect(redact(value)).toEqual({
      streamKey: '***',
      apiKey: '***',
      password: '***',
      nested: { accessToken: '***', keyId: '7', keyframe: true },
      list: [{ secret: '***' }],
    });
  });

  it('keeps what is shared, cuts what contains itself, and says how long bytes are', () => {
    const shared = { a: 1 };
    const loop: Record<string, unknown> = { shared, again: shared, frame: new Uint8Array(4), when: new Date(0), big: 10n };
    loop.self = loop;
    expect(redact(loop)).toEqual({
      shared: { a: 1 },
      again: { a: 1 },
      frame: '[4 bytes]',
      when: '1970-01-01T00:00:00.000Z',
      big: '10',
      self: '[…]',
    });
  });
});

describe(createLogger.name, () => {
  it('writes one JSON object a line, redacted, with the role and bound fields', () => {
    const { log, last } = logger();
    log.child({ component: 'watcher' }).info(`key ${KEY}`, { segmentId: '12', token: 'x' });
    expect(last()).toMatchObject({ level: 'info', role: 'worker', component: 'watcher', msg: 'key vd_***', segmentId: '12', token: '***' });
  });

  it('leaves out what is below its level', () => {
    const { log, lines } = logger({ level: 'warn' });
    log.debug('a');
    log.info('b');
    log.warn('c');
    expect(lines).toHaveLength(1);
  });

  it('masks secrets in errors and their causes', () => {
    const { log, lines } = logger();
    log.error('failed', { error: new Error(`cannot reach postgres://u:pw@h/d`, { cause: new Error(KEY) }) });
    expect(lines.join('')).not.toMatch(/pw@|abcdefgh/);
  });

  it('shows a person a coded error by its code and fix, any other by its stack', () => {
    const { log, lines } = logger({ format: 'pretty' });
    log.error('cannot start', { error: new CodedError('VD_X_Y', 'no port', 'take another'), port: 80 });
    expect(lines.at(-1)).toMatch(
      /^\d\d:\d\d:\d\d\.\d{3} ERROR \[worker\] cannot start port=80\n {4}VD_X_Y: no port\n {4}fix: take another\n$/,
    );
    log.child({ component: 'c' }).error('broke', { error: new Error('boom') });
    expect(lines.at(-1)).toMatch(/\[worker\/c\] broke\n {4}Error: boom\n {8}at /);
  });
});

describe(NestLogger.name, () => {
  it("takes Nest's wiring down to debug and keeps the rest with its context", () => {
    const { log, lines, last } = logger();
    const nest = new NestLogger(log);
    nest.log('RedisModule dependencies initialized', 'InstanceLoader');
    expect(lines).toHaveLength(0);
    nest.log('listening', 'Gateway');
    expect(last()).toMatchObject({ level: 'info', component: 'Gateway', msg: 'listening' });
    nest.error('went wrong', 'Error: x\n  at y', 'ExceptionsHandler');
    expect(last()).toMatchObject({ level: 'error', component: 'ExceptionsHandler', error: { stack: 'Error: x\n  at y' } });
    nest.fatal(new Error('boom'));
    expect(last()).toMatchObject({ level: 'error', msg: 'boom' });
    nest.warn({ odd: 1 });
    expect(last()).toMatchObject({ level: 'warn', msg: '{"odd":1}' });
  });
});
