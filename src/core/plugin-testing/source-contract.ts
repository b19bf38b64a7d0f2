import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { inspect } from 'node:util';
import {
  CodedError,
  type RunningSource,
  type SourceAdapter,
  type SourceAdapterDefinition,
  type SourceState,
  z,
} from '../plugin-api/index.js';
import { FakeSourceContext } from './fake-source-context.js';
import type { TestRunner } from './test-runner.js';

export interface SourceContractOptions {
  /** Config with which the source works here; called for each test, so that listeners can take a free port. */
  readonly config: () => unknown;
  /** What the manifest's `inject` tokens stand for, in order. */
  readonly inject?: readonly unknown[];
  /** Configs the schema must refuse. An unknown key is always tried. */
  readonly refused?: readonly unknown[];
  /** For adapters that take credentials: a config that has some, best one with which the source fails, and what may never be told. */
  readonly credentials?: { readonly config: () => unknown; readonly secrets: readonly string[] };
}

/** Core kills what has not stopped by then. */
const STOP_WITHIN_MS = 5_000;
/** How long a source is looked at that should say nothing more. */
const QUIET_MS = 50;
/** From opening to the first epoch, of sources that open one at once; the others have none for this suite to look at. */
const FIRST_EPOCH_MS = 1_000;
const STATES: readonly SourceState[] = ['pending', 'starting', 'live', 'retrying', 'failed', 'stopped'];
/** A detail is a sentence or two on a dashboard. */
const MAX_DETAIL_LENGTH = 1_000;

/**
 * What core relies on in every source adapter: config is refused before anything starts, a source stops within five seconds
 * and as often as it is told to, also while it still opens, leaves no epoch open, does not outlive its packager unnoticed, and tells
 * nobody its credentials.
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

    it('has a config that can be shown as a form', () => {
      const schema = z.toJSONSchema(definition.config, { io: 'input', unrepresentable: 'any' });
      // One kind of source may have several forms.
      for (const { type } of schema.oneOf ?? schema.anyOf ?? [schema])
        assert.equal(type, 'object', 'the config is no object of named options');
    });

    it('tells publishers addresses without credentials', () => {
      const urls = definition.publishUrl?.(parsed(), 'studio.lan') ?? [];
      for (const url of typeof urls === 'string' ? [urls] : urls) {
        const { username, password, hostname } = new URL(url);
        assert.deepEqual([username, password], ['', ''], `${url} holds credentials`);
        assert.notEqual(hostname, '', `${url} names no host`);
      }
    });

    it('refuses config it does not understand', () => {
      for (const config of [...(options.refused ?? []), { ...(options.config() as object), 'no-such-key': 1 }]) {
        assert.equal(definition.config.safeParse(config).success, false, `accepted ${JSON.stringify(config)}`);
      }
    });

    it('finds a config that works workable before it starts', async () => {
      await (await adapter()).probe?.(parsed(), new AbortController().signal);
    });

    it('stops within five seconds, as often as it is told to, settles, and is silent from then on', async () => {
      const context = contextFor();
      const source = await (await adapter()).open(parsed(), context, new AbortController().signal);
      await stopped(source);
      await stopped(source);
      await settled(source, '`done` does not settle after stop()');
      const said = { reports: context?.reported.length, epochs: context?.epochs.length };
      await delay(QUIET_MS);
      assert.deepEqual({ reports: context?.reported.length, epochs: context?.epochs.length }, said, 'it went on after it had stopped');
      assertEpochsEnded(context);
      assertReports(context);
    });

    it('starts again after it stopped', async () => {
      const [subject, config] = [await adapter(), parsed()];
      for (let round = 0; round < 2; round++) {
        const context = contextFor();
        await stopped(await subject.open(config, context, new AbortController().signal));
        assertEpochsEnded(context);
      }
    });

    it('opens nothing when it was called off before', async () => {
      const context = contextFor();
      await calledOff((await adapter()).open(parsed(), context, AbortSignal.abort()));
      assertEpochsEnded(context);
    });

    it('leaves nothing running when it is called off while it opens', async () => {
      const context = contextFor();
      const controller = new AbortController();
      const opening = (await adapter()).open(parsed(), context, controller.signal);
      controller.abort();
      await calledOff(opening);
      assertEpochsEnded(context);
    });

    if (definition.kind === 'listener') return describeCredentials();

    it('ends an epoch that it is given after it was called off', async () => {
      const context = new FakeSourceContext();
      const epochs = Promise.withResolvers<void>();
      context.opening = epochs.promise;
      const controller = new AbortController();
      const opening = (await adapter()).open(parsed(), context, controller.signal);
      opening.catch(() => undefined); // looked at below
      await Promise.race([context.asked, delay(FIRST_EPOCH_MS)]);
      controller.abort();
      epochs.resolve();
      await calledOff(opening);
      assertEpochsEnded(context);
    });

    it('ends, or opens another epoch, when its packager fails', async () => {
      const context = new FakeSourceContext();
      const source = await (await adapter()).open(parsed(), context, new AbortController().signal);
      await Promise.race([context.asked, delay(FIRST_EPOCH_MS)]);
      await delay(0); // an epoch that was asked for is given
      const [first] = context.epochs;
      first?.finish('packager-failed', new Error('the packager failed'));
      if (first !== undefined) {
        const goesOn = async (): Promise<void> => {
          while (context.epochs.length < 2) await delay(20);
        };
        const outcome = await Promise.race([source.done, goesOn(), delay(STOP_WITHIN_MS, 'late')]);
        assert.notEqual(outcome, 'late', 'neither `done` settles nor does another epoch begin: core takes it for live');
      }
      await stopped(source);
      assertEpochsEnded(context);
    });

    describeCredentials();
  });

  function describeCredentials(): void {
    const { credentials } = options;
    if (credentials === undefined) return;
    it('tells nobody its credentials', async () => {
      const context = contextFor();
      const told: unknown[] = [];
      const config = definition.config.parse(credentials.config());
      const subject = await adapter();
      const { signal } = new AbortController();
      await subject.probe?.(config, signal).catch((error: unknown) => told.push(error));
      const source = await subject.open(config, context, signal).catch((error: unknown) => void told.push(error));
      if (source !== undefined) {
        await Promise.race([source.done, delay(FIRST_EPOCH_MS)]);
        await stopped(source);
        told.push(await Promise.race([source.done, delay(STOP_WITHIN_MS)]));
      }
      // What the packager is given to open is no telling: it is said to ffmpeg alone.
      const epochs = context?.epochs.map(({ opening: { remote }, endReason }) => [remote, endReason]);
      const text = inspect([told.map(inSideOut), context?.reported, context?.logged, epochs], { depth: 12, maxStringLength: null });
      for (const secret of credentials.secrets) assert.equal(text.includes(secret), false, 'a credential was told');
    });
  }
}

/** Everything that core or a log may show of an error. */
function inSideOut(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const { fix } = error as { fix?: unknown };
  return [error.message, error.stack, fix, inSideOut(error.cause), { ...error }];
}

async function stopped(source: RunningSource): Promise<void> {
  const outcome = await Promise.race([source.stop('test').then(() => 'stopped'), delay(STOP_WITHIN_MS, 'late')]);
  assert.equal(outcome, 'stopped', `stop() did not settle within ${STOP_WITHIN_MS} ms`);
}

async function settled(source: RunningSource, otherwise: string): Promise<void> {
  assert.notEqual(await Promise.race([source.done, delay(STOP_WITHIN_MS, 'late')]), 'late', otherwise);
}

/** An opening that was called off rejects with a reason that core can show, or gives what can be stopped. */
async function calledOff(opening: Promise<RunningSource>): Promise<void> {
  const opened = await Promise.race([opening.catch((error: unknown) => error), delay(STOP_WITHIN_MS, 'late')]);
  assert.notEqual(opened, 'late', `open() did not settle within ${STOP_WITHIN_MS} ms of being called off`);
  if (opened instanceof Error) assert.ok(opened instanceof CodedError || opened.name === 'AbortError', `rejected with ${String(opened)}`);
  else await stopped(opened as RunningSource);
}

function assertEpochsEnded(context: FakeSourceContext | undefined): void {
  for (const { endReason, handle } of context?.epochs ?? []) assert.notEqual(endReason, undefined, `epoch ${handle.epochId} was left open`);
}

function assertReports(context: FakeSourceContext | undefined): void {
  for (const { state, detail } of context?.reported ?? []) {
    assert.ok(STATES.includes(state), `${state} is no state`);
    assert.ok((detail ?? '').length <= MAX_DETAIL_LENGTH, `the detail of ${state} is longer than ${MAX_DETAIL_LENGTH} characters`);
  }
}
