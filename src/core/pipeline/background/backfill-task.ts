import { Inject, Injectable } from '@nestjs/common';
import { type KnownResults, segmentDifference } from '../../agreement/segment-difference.js';
import { queueError } from '../../errors/queue.errors.js';
import { InstanceHeartbeat } from '../../persistence/instance-heartbeat.js';
import { BackfillWork, type ComparedRun, type HeldBackfill } from '../../persistence/backfill/backfill-work.js';
import { KnownRange } from '../../persistence/backfill/known-range.js';
import { CodedError, errorText } from '../../plugin-api/index.js';
import { PluginRegistry, type RegisteredAnalyzer } from '../../plugin-host/plugin-registry.js';
import { SegmentProcessor } from '../segment-processor.js';
import { discardQuietly } from '../routing/strategy-directory.js';
import { PIPELINE_OPTIONS, type PipelineOptions } from '../worker-options.js';
import type { BackgroundTask } from './background-work.js';

/** Goes through recordings again: one segment after the other in each stream, then compares, then takes over what was found. */
@Injectable()
export class BackfillTask implements BackgroundTask {
  readonly name = 'Analysing recordings again';
  private readonly owner: string;
  private readonly analyzers: ReadonlyMap<string, RegisteredAnalyzer>;

  constructor(
    private readonly ledger: BackfillWork,
    private readonly known: KnownRange,
    private readonly processor: SegmentProcessor,
    private readonly registry: PluginRegistry,
    @Inject(InstanceHeartbeat) { instanceId }: Pick<InstanceHeartbeat, 'instanceId'>,
    @Inject(PIPELINE_OPTIONS) private readonly options: Pick<PipelineOptions, 'leaseMs'>,
  ) {
    this.owner = instanceId;
    this.analyzers = new Map(registry.analyzers.map((analyzer) => [analyzer.definition.id, analyzer]));
  }

  async work(goesOn: () => boolean, signal: AbortSignal): Promise<boolean> {
    const held = await this.ledger.claim(this.owner, [...this.analyzers.keys()]);
    if (held === null) return false;
    const lost = new AbortController();
    const renewing = setInterval(() => {
      // The database may be away, for everyone: what is written later is fenced.
      void this.ledger.renew(this.owner, held).then(
        (isOurs) => isOurs || lost.abort(new Error('The backfill was paused, cancelled or taken over')),
        () => undefined,
      );
    }, this.options.leaseMs / 3);
    try {
      await this.goOn(held, goesOn, AbortSignal.any([signal, lost.signal]));
    } finally {
      clearInterval(renewing);
      await this.ledger.leave(this.owner, held).catch(() => undefined); // else the lease lapses
    }
    return true;
  }

  private async goOn(held: HeldBackfill, goesOn: () => boolean, signal: AbortSignal): Promise<void> {
    let analyzer: RegisteredAnalyzer;
    try {
      analyzer = await this.analyzerOf(held);
    } catch (error) {
      const code = error instanceof CodedError ? error.code : 'VD_PIPELINE_BROKEN';
      return this.ledger.fail(held.backfillId, code, errorText(error));
    }
    const step = { analysing: this.analyse, comparing: this.compare, applying: this.apply }[held.phase].bind(this);
    while ((await step(held, analyzer, signal)) && !signal.aborted && goesOn());
  }

  private analyzerOf({ analyzerId, config }: HeldBackfill): Promise<RegisteredAnalyzer> | RegisteredAnalyzer {
    return config === null ? this.analyzers.get(analyzerId)! : this.registry.configureAnalyzer(analyzerId, config);
  }

  private async analyse(held: HeldBackfill, analyzer: RegisteredAnalyzer, signal: AbortSignal): Promise<boolean> {
    const { definition, configHash } = analyzer;
    const work = await this.ledger.next(this.owner, held, { version: definition.version, configHash });
    if (work === null) return false;
    const { settlements, executed } = await this.processor.process(work, `backfill ${held.backfillId}`, signal, analyzer);
    const [settlement] = settlements;
    if (settlement === undefined) throw queueError('VD_PIPELINE_BROKEN', 'A run of a backfill was not ended');
    const isKept = await this.ledger.settle(this.owner, held, settlement, configHash);
    if (!isKept || settlement.state === 'failed') for (const { job, place } of executed) discardQuietly(place, job);
    // What waits for its next attempt keeps those behind it waiting.
    return isKept && settlement.state !== 'returned' && !(settlement.state === 'failed' && settlement.retryInMs !== undefined);
  }

  private async compare(held: HeldBackfill): Promise<boolean> {
    const runs = await this.ledger.uncompared(held);
    if (runs.length === 0) return false;
    const known = await this.known.read(held, runs);
    const differences = runs.map((run) => [run.runId, segmentDifference(knownOf(known, run), run.results)] as const);
    await this.ledger.compared(this.owner, held, new Map(differences));
    return true;
  }

  private async apply(held: HeldBackfill, { configHash }: RegisteredAnalyzer): Promise<boolean> {
    return (await this.ledger.applySome(this.owner, held, configHash)) > 0;
  }
}

type Placed = { readonly epochId: string; readonly ptsUs: number };
type KnownOfRange = { readonly [K in keyof KnownResults]: readonly (KnownResults[K][number] & Placed)[] };

function knownOf(known: KnownOfRange, { epochId, ptsStartUs, ptsEndUs }: ComparedRun): KnownResults {
  const isOf = (one: Placed): boolean => one.epochId === epochId && one.ptsUs >= ptsStartUs && one.ptsUs < ptsEndUs;
  return {
    detections: known.detections.filter(isOf),
    metrics: known.metrics.filter(isOf),
    observations: known.observations.filter(isOf),
  };
}
