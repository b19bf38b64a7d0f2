import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { CodedError, type RunningSource, type SourceAdapter, type SourceAdapterDefinition } from '../plugin-api/index.js';
import { FakeSourceContext } from './fake-source-context.js';
import type { TestRunner } from './test-runner.js';

export interface SourceContractOptions {
  /** Config with which the source works here; called for each test, so that listeners can take a free port. */
  readonly config: () => unknown;
  /** What the manifest's `inject` tokens stand for, in order. */
  readonly inject?: readonly unknown[];
  /** Configs the schema must refuse. An unknown key is always tried. */
  readonly refused?: readonly unknown[];
}

/** Core kills what has not stopped by then. */
const STOP_WITHIN_MS = 5_000;

/**
 * What core relies on in every source adapter: config is refused before anything starts, a source stops within five seconds
 * and as often as it is told to, and leaves no epoch open.
 * @example describeSourceContract({ describe, it }, webcamSource, { config: () => ({ format: 'lavfi', device: 'demo' }) });
 */
export function describeSourceContract(
  { describe, it }: TestRunner,
  definition: SourceAdapterDefinition,
  options: SourceContractOptions,
): void {
  const parsed = (): unknown => definition.config.parse(options.config());
  const adapter = async (): Promise<SourceAdapter> => definition.create(...(options.inject ?? []));
  const contextFor = (): FakeSourceContext | undefined => (definition.kind === 'stream' ? new FakeSourceContext() : undefined);

  describe(`source ${definition.id} keeps the source adapter contract`, () => {
    it('has a complete manifest', () => {
      assert.match(definition.id, /^[a-z0-9]+([.-][a-z0-9]+)*$/);
      assert.match(definition.version, /^\d+\.\d+\.\d+/);
      assert.ok(definition.title.length > 0);
    });

    it('refuses config it does not understand', () => {
      for (const config of [...(options.refused ?? []), { ...(options.config() as object), 'no-such-key': 1 }]) {
        assert.equal(definition.config.safeParse(config).success, false, `accepted ${JSON.stringify(config)}`);
      }
    });

    it('finds a config that works workable before it starts', async () => {
      await (await adapter()).probe?.(parsed(), new AbortController().signal);
    });

    it('stops within five seconds, as often as it is told to, and settles', async () => {
      const context = contextFor();
      const source = await (await adapter()).open(parsed(), context, new AbortController().signal);
      await stopped(source);
      await stopped(source);
      const done = await Promise.race([source.done, delay(STOP_WITHIN_MS, 'late')]);
      assert.notEqual(done, 'late', '`done` does not settle after stop()');
      assertEpochsEnded(context);
    });

    it('starts again after it stopped', async () => {
      const [subject, config] = [await adapter(), parsed()];
      for (let round = 0; round < 2; round++) {
        const context = contextFor();
        await stopped(await subject.open(config, context, new AbortController().signal));
        assertEpochsEnded(context);
      }
    });

    it('leaves nothing running when it is called off while it opens', async () => {
      const context = contextFor();
      const controller = new AbortController();
      const opening = (await adapter()).open(parsed(), context, controller.signal);
      controller.abort();
      const opened = await opening.catch((error: unknown) => error);
      if (opened instanceof Error)
        assert.ok(opened instanceof CodedError || opened.name === 'AbortError', `rejected with ${String(opened)}`);
      else await stopped(opened as RunningSource);
      assertEpochsEnded(context);
    });
  });
}

async function stopped(source: RunningSource): Promise<void> {
  const outcome = await Promise.race([source.stop('test').then(() => 'stopped'), delay(STOP_WITHIN_MS, 'late')]);
  assert.equal(outcome, 'stopped', `stop() did not settle within ${STOP_WITHIN_MS} ms`);
}

function assertEpochsEnded(context: FakeSourceContext | undefined): void {
  for (const { endReason, handle } of context?.epochs ?? []) assert.notEqual(endReason, undefined, `epoch ${handle.epochId} was left open`);
}
