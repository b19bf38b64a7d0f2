import { EventEmitter } from 'node:events';
import { describe, expect, it, vi } from 'vitest';
import { SilentLogger } from '../../../test/support/fakes/silent-logger.js';
import { CodedError } from '../plugin-api/index.js';
import type { RoleMessage } from './role.js';
import { type Blame, RoleProcess, type RunningRole } from './role-process.js';

/** A process that notes its exit code instead of ending. */
class FakeProcess extends EventEmitter {
  readonly pid = 4711;
  connected = true;
  readonly sent: RoleMessage[] = [];
  readonly exits: number[] = [];
  send = (message: RoleMessage, _handle: unknown, _options: unknown, sent?: () => void): boolean => {
    this.sent.push(message);
    sent?.();
    return true;
  };
  exit = (code: number): void => void this.exits.push(code);
}

function setUp(blame?: Blame) {
  const process = new FakeProcess();
  const logger = new SilentLogger();
  const errors = (): unknown[] => logger.said('error').map(({ fields }) => fields?.['error']);
  return { process, errors, role: new RoleProcess('worker', logger, process as unknown as NodeJS.Process, blame) };
}
const running = (close: () => Promise<void> = async () => undefined): RunningRole => ({ detail: { url: 'u' }, close });

describe(RoleProcess.name, () => {
  it('tells its parent when it is ready', async () => {
    const { process, role } = setUp();
    await role.run(async () => running());
    expect(process.sent).toEqual([{ type: 'ready', role: 'worker', pid: 4711, detail: { url: 'u' } }]);
  });

  it.each(['SIGTERM', 'SIGINT', 'disconnect'])('closes once and ends with 0 on %s', async (event) => {
    const { process, role } = setUp();
    const close = vi.fn(async () => undefined);
    await role.run(async () => running(close));
    process.emit(event);
    process.emit('SIGTERM');
    await vi.waitFor(() => expect(process.exits).toEqual([0]));
    expect(close).toHaveBeenCalledTimes(1);
  });

  it('closes what it started when it was told to end meanwhile', async () => {
    const { process, role } = setUp();
    const close = vi.fn(async () => undefined);
    await role.run(async () => {
      process.emit('SIGTERM');
      return running(close);
    });
    await vi.waitFor(() => expect(process.exits).toEqual([0]));
    expect(close).toHaveBeenCalledTimes(1);
  });

  it('hands a coded start-up error to its parent as it is', async () => {
    const { process, role } = setUp();
    await role.run(() => Promise.reject(new CodedError('VD_X', 'what', 'mend')));
    expect(process.sent).toEqual([{ type: 'failed', role: 'worker', error: { code: 'VD_X', message: 'what', fix: 'mend' } }]);
    expect(process.exits).toEqual([1]);
  });

  it.each(['uncaughtException', 'unhandledRejection'])('ends with a coded line on %s', async (event) => {
    const { process, errors, role } = setUp();
    await role.run(async () => running());
    process.emit(event, new Error('boom'));
    expect(errors()).toEqual([expect.objectContaining({ code: 'VD_RUNTIME_CRASHED', message: 'worker: boom' })]);
    expect(process.exits).toEqual([1]);
  });

  it('ends with the error of whose fault it is, once', async () => {
    const { process, errors, role } = setUp(() => new CodedError('VD_PLUGIN_CRASHED', './door.mjs: boom', 'mend'));
    await role.run(async () => running());
    process.emit('uncaughtException', new Error('boom'));
    process.emit('uncaughtException', new Error('boom again'));
    expect(errors()).toEqual([expect.objectContaining({ code: 'VD_PLUGIN_CRASHED', message: './door.mjs: boom' })]);
    expect(process.exits).toEqual([1]);
  });

  it('lasts where somebody has dealt with an error that nobody caught', async () => {
    const { process, errors, role } = setUp(() => 'settled');
    await role.run(async () => running());
    process.emit('unhandledRejection', new Error('boom'));
    expect([errors(), process.exits]).toEqual([[], []]);
  });

  it('ends with a coded line when closing takes too long', async () => {
    vi.useFakeTimers();
    try {
      const { process, errors, role } = setUp();
      await role.run(async () => running(() => new Promise(() => undefined)));
      process.emit('SIGTERM');
      await vi.advanceTimersByTimeAsync(12_000);
      expect(errors()).toEqual([expect.objectContaining({ code: 'VD_RUNTIME_DRAIN_TIMEOUT' })]);
      expect(process.exits).toEqual([1]);
    } finally {
      vi.useRealTimers();
    }
  });
});
