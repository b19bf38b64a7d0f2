import { Inject, Injectable } from '@nestjs/common';
import { MINUTE_MS } from '../../plugin-api/index.js';
import { VEDETTE_CONFIG, type VedetteConfig } from '../../config/schema.js';
import { capacityError } from '../../errors/capacity.errors.js';
import { CapacityReads } from '../../persistence/read/capacity-reads.js';
import { PluginRegistry } from '../../plugin-host/plugin-registry.js';
import { HIDDEN } from '../../capacity/change.js';
import type { CapacityFacts, WhatIf } from '../../capacity/facts.js';
import { analyzerFacts, gateNames, strategyFacts, unloadedAnalyzer } from '../../capacity/registry-facts.js';
import { nothingNamed } from './known-names.js';
import { StorageOutlook, type StoragePlace } from '../../retention/storage-outlook.js';
import { capacityReport, type CapacityReport } from '../../capacity/report.js';

export const DEFAULT_WINDOW_MS = 15 * MINUTE_MS;

export interface CapacityQuestion extends WhatIf {
  readonly windowMs: number;
  /** Whether names of private streams may be told. */
  readonly seesPrivate: boolean;
}

export interface CapacityAnswer {
  readonly at: string;
  readonly question: Omit<CapacityQuestion, 'seesPrivate'>;
  readonly report: CapacityReport;
  /** How long the disks last. */
  readonly storage: readonly StoragePlace[];
}

/** Does the work fit, and what is the cheapest change if not: the model, fed with what is measured. */
@Injectable()
export class Capacity {
  constructor(
    private readonly reads: CapacityReads,
    private readonly registry: PluginRegistry,
    private readonly outlook: StorageOutlook,
    @Inject(VEDETTE_CONFIG) private readonly config: VedetteConfig,
  ) {}

  /** @throws VD_CAPACITY_ANALYZER_UNKNOWN, VD_API_QUERY_TIMEOUT */
  async answer({ seesPrivate, ...question }: CapacityQuestion): Promise<CapacityAnswer> {
    const facts = await this.facts(question.windowMs, seesPrivate);
    const { analyzerId } = question;
    const isLoaded = analyzerId === null || facts.analyzers.some(({ id }) => id === analyzerId);
    const added = isLoaded ? null : unloadedAnalyzer(analyzerId, this.config, facts.costs);
    if (!isLoaded && added === null) {
      throw capacityError(
        'VD_CAPACITY_ANALYZER_UNKNOWN',
        `Analyzers that are enabled: ${nothingNamed(
          analyzerId,
          facts.analyzers.map(({ id }) => id),
        )}`,
      );
    }
    return {
      at: new Date().toISOString(),
      question,
      report: capacityReport(facts, question, added),
      storage: await this.outlook.places(),
    };
  }

  private async facts(windowMs: number, seesPrivate: boolean): Promise<CapacityFacts> {
    const local = this.registry.strategies
      .filter(({ definition }) => (definition.reach ?? 'worker') === 'worker')
      .map(({ definition }) => definition.id);
    const [streams, costs, jobs, supply, evidence] = await Promise.all([
      this.reads.streams(windowMs),
      this.reads.costs(windowMs),
      this.reads.jobs(windowMs, local),
      this.reads.supply(),
      this.reads.evidence(windowMs),
    ]);
    const trueNames = new Map(streams.map(({ id, name }) => [id, name]));
    return {
      windowMs,
      // Which analyzers run on a stream goes by its true name.
      analyzers: analyzerFacts(this.registry).map((one) => ({
        ...one,
        runsOn: ({ id, name }) => one.runsOn({ id, name: trueNames.get(id) ?? name }),
      })),
      streams: streams.map((stream) => (stream.isPrivate && !seesPrivate ? { ...stream, name: HIDDEN } : stream)),
      strategies: strategyFacts(this.registry),
      gates: gateNames(this.registry),
      costs,
      jobs,
      ...supply,
      evidence,
      maxLagMs: this.config.queues.maxLag,
      jobsPerHost: this.config.analysis.jobsPerHost,
    };
  }
}
