import { describe, expect, it } from 'vitest';
import { SilentLogger } from '../../../test/support/fakes/silent-logger.js';
import { CodedError } from '../plugin-api/index.js';
import { PluginGuard } from './plugin-guard.js';
import { PluginPlaces } from './plugin-places.js';

function setUp(uses: readonly string[] = []) {
  const exits: unknown[] = [];
  const process = {
    exit: (code?: number): never => {
      exits.push(code);
      return undefined as never;
    },
    reallyExit: (code?: number): never => {
      exits.push(code);
      return undefined as never;
    },
  };
  const before = { ...process };
  const guard = new PluginGuard(process);
  const logger = new SilentLogger();
  const uninstall = guard.install(new PluginPlaces(uses, import.meta.dirname), logger);
  return { exits, process, before, guard, logger, uninstall };
}

describe(PluginGuard.name, () => {
  it.each(['exit', 'reallyExit'] as const)('makes process.%s of a set-up a coded error that names the plugin', async (way) => {
    const { process, guard, exits } = setUp();
    const failing = guard.setUp('./door.mjs', async () => process[way](3));
    await expect(failing).rejects.toMatchObject({ code: 'VD_PLUGIN_EXIT', message: './door.mjs: it called process.exit(3)' });
    expect(exits).toEqual([]);
  });

  it('fails a set-up that goes on after its exit was refused, or leaves the exit to a promise', async () => {
    const { process, guard } = setUp();
    const swallowed = guard.setUp('./door.mjs', async () => {
      await Promise.resolve()
        .then(() => process.exit(0))
        .catch(() => undefined);
      return new Promise(() => undefined);
    });
    await expect(swallowed).rejects.toMatchObject({ code: 'VD_PLUGIN_EXIT' });
  });

  it('fails a set-up by what it leaves to fail on its own, and logs what comes of it later', async () => {
    const { guard, logger } = setUp();
    const { promise: blamed, resolve } = Promise.withResolvers<unknown>();
    const failing = guard.setUp('./door.mjs', () => {
      // As the handlers of Node.js do, in the context of what threw.
      setTimeout(() => {
        guard.blame(new Error('no camera'));
        setTimeout(() => resolve(guard.blame(new Error('still none'))), 1);
      }, 1);
      return new Promise(() => undefined);
    });
    await expect(failing).rejects.toMatchObject({ code: 'VD_PLUGIN_LOAD_FAILED', message: './door.mjs: no camera' });
    expect(await blamed).toBe('settled');
    expect(logger.said('warn')).toEqual([
      expect.objectContaining({ fields: expect.objectContaining({ use: './door.mjs', error: new Error('still none') }) }),
    ]);
  });

  it('refuses an exit by the code of a plugin at any time, and no other', () => {
    const { process, exits, uninstall, before } = setUp(['./plugin-guard.spec.ts']);
    expect(() => process.exit(1)).toThrow(expect.objectContaining({ code: 'VD_PLUGIN_EXIT' }));
    const other = setUp(['./door.mjs']);
    other.process.exit(1);
    expect([exits, other.exits]).toEqual([[], [1]]);
    uninstall();
    expect(process).toEqual(before);
  });

  it('names the plugin whose code threw when nobody caught it', async () => {
    const { guard } = setUp(['./plugin-guard.spec.ts']);
    await guard.setUp('./other.mjs', async () => undefined);
    const error = new Error('the door is shut');
    expect(guard.blame(error)).toMatchObject({
      code: 'VD_PLUGIN_CRASHED',
      message: './plugin-guard.spec.ts: the door is shut',
      cause: error,
    });
    expect(setUp(['./door.mjs']).guard.blame(error)).toBeUndefined();
    expect(guard.blame('no error at all')).toBeUndefined();
    expect(guard.blame(new CodedError('VD_X', 'what'))).toBeUndefined();
  });
});
