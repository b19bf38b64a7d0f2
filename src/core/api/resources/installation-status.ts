import { Inject, Injectable, Logger } from '@nestjs/common';
import { VEDETTE_CONFIG, type VedetteConfig } from '../../config/schema.js';
import {
  databaseUnreachable,
  judgeInstallation,
  type Cause,
  type InstallationFacts,
  type StreamFacts,
} from '../../health/judge-installation.js';
import { MediaNodes } from '../../persistence/media/media-nodes.js';
import { FailureReads } from '../../persistence/read/failure-reads.js';
import { StreamReads, type StreamView } from '../../persistence/read/stream-reads.js';
import { SystemReads } from '../../persistence/read/system-reads.js';
import { DatabaseWriteCheck } from '../../persistence/read/write-check.js';
import { RoleCrashes } from '../../persistence/role-crashes.js';
import { errorText } from '../../plugin-api/error.js';
import { PluginRegistry } from '../../plugin-host/plugin-registry.js';
import { retentionProblems } from '../../retention/reports.js';
import { StorageOutlook } from '../../retention/storage-outlook.js';
import { KnownAWhile } from '../../runtime/known-a-while.js';
import { within } from '../../runtime/within.js';
import type { Role, StatusCauseWire, StatusWire } from '../../wire/wire.js';
import { DatabaseRoom } from './database-room.js';
import { isDatabaseLow, isLow } from './media-space.js';
import { StreamHealth } from './stream-health.js';
import { isDeaf, NEEDED_ROLES } from './system-status.js';
import { unmatchedConfig } from './unmatched-config.js';

const KNOWN_MS = 2_000;
/** A database that needs longer is as good as away. */
const PATIENCE_MS = 4_000;
/** Of more analyzers on more streams than this it is not looked up since when they fail. */
const FAILING_SHOWN = 20;

/** The same facts, as far as each role may know them. */
export type StatusByRole = Readonly<Record<Role, StatusWire>>;

/** How the installation is, in one sentence and its causes: asked of the ledger when somebody wants to know, and kept nowhere. */
@Injectable()
export class InstallationStatus {
  private readonly logger = new Logger(InstallationStatus.name);
  private readonly status = new KnownAWhile(KNOWN_MS, () => this.judge());
  private answeredAtMs: number | null = null;
  private isAway = false;

  constructor(
    private readonly system: SystemReads,
    private readonly failures: FailureReads,
    private readonly nodes: MediaNodes,
    private readonly writes: DatabaseWriteCheck,
    private readonly disk: DatabaseRoom,
    private readonly crashes: RoleCrashes,
    private readonly streams: StreamReads,
    private readonly health: StreamHealth,
    private readonly outlook: StorageOutlook,
    private readonly registry: PluginRegistry,
    @Inject(VEDETTE_CONFIG) private readonly config: Pick<VedetteConfig, 'queues'>,
  ) {}

  /** Never fails: a database that is away is what there is to tell. */
  now(): Promise<StatusByRole> {
    return this.status.now();
  }

  /** The next who asks is told of what is now. */
  forget(): void {
    this.status.forget();
  }

  private async judge(): Promise<StatusByRole> {
    try {
      const read = Promise.all([this.facts(), this.streams.list()]);
      const [facts, views] = await within(PATIENCE_MS, read, () => new Error(`no answer within ${PATIENCE_MS} ms`));
      this.answeredAtMs = Date.now();
      this.isAway = false;
      return { admin: this.toldTo('admin', facts, views), viewer: this.toldTo('viewer', facts, views) };
    } catch (error) {
      if (!this.isAway) this.logger.warn(`How the installation is cannot be asked: ${errorText(error)}`);
      this.isAway = true;
      const told = statusOnWire([databaseUnreachable(this.answeredAtMs)]);
      return { admin: told, viewer: told };
    }
  }

  private async facts(): Promise<Omit<InstallationFacts, 'streams' | 'unmatched'> & { judged: Judged | null }> {
    const [databaseFault, databaseRoom, nodes, living, listeners, crashes, reports, inference, judged] = await Promise.all([
      this.writes.fault(),
      this.disk.freeBytes(),
      this.nodes.living(),
      this.system.livingRoles(),
      this.system.listeners(),
      this.crashes.unseen(),
      this.outlook.reports(),
      this.system.inference(),
      this.judged(),
    ]);
    return {
      databaseFault,
      databaseLowBytes: isDatabaseLow(databaseRoom) ? databaseRoom : null,
      media: nodes.map((node) => ({ name: node.name, writeFault: node.writeFault, lowBytes: isLow(node) ? node.freeBytes : null })),
      missingRoles: NEEDED_ROLES.filter((role) => !living.has(role)),
      listeners: listeners.filter(isDeaf),
      judged,
      failing: judged === null ? [] : await this.failures.since(failingOf(judged)),
      titleOf: (id) => this.registry.analyzers.find(({ definition }) => definition.id === id)?.definition.title ?? id,
      crashes: crashes.map(({ lastAt, ...crash }) => ({ ...crash, lastAtMs: Date.parse(lastAt) })),
      storage: retentionProblems(reports),
      plugins: this.registry.plugins
        .filter(({ state }) => state === 'failed')
        .map(({ id, error }) => ({ id, error: error?.message ?? 'unknown' })),
      providers: inference.flatMap(({ host, providers }) =>
        providers.filter(({ usable }) => !usable).map(({ provider, reason }) => ({ provider, host, reason: reason ?? 'unknown' })),
      ),
    };
  }

  /** @returns null where they cannot be judged though the database answers */
  private async judged(): Promise<Judged | null> {
    try {
      return await this.health.now();
    } catch (error) {
      this.logger.warn(`How streams are cannot be judged: ${errorText(error)}`);
      return null;
    }
  }

  private toldTo(role: Role, facts: Awaited<ReturnType<InstallationStatus['facts']>>, views: readonly StreamView[]): StatusWire {
    const isAdmin = role === 'admin';
    const { judged } = facts;
    const streams = views.map(({ wire }) => wire);
    const shown = streams.filter((stream) => isAdmin || !stream.private);
    const toFacts = ({ id, name, title }: StreamView['wire']): StreamFacts[] => {
      const one = judged?.get(id);
      return one === undefined ? [] : [{ id, name, title, issues: one.issues, measures: one.measures }];
    };
    const { registry, config } = this;
    const names = shown.map(({ name }) => name);
    const unmatched = unmatchedConfig({ registry, config }, streams, names);
    const listeners = facts.listeners.map((listener) => ({ ...listener, detail: isAdmin ? listener.detail : null }));
    return statusOnWire(judgeInstallation({ ...facts, listeners, unmatched, streams: judged === null ? null : shown.flatMap(toFacts) }));
  }
}

type Judged = Awaited<ReturnType<StreamHealth['now']>>;

/** Of which nothing but failures ended lately. */
function failingOf(judged: Judged): { streamIds: string[]; analyzerIds: string[] } {
  const pairs = [...judged.values()]
    .flatMap(({ streamId, measures }) =>
      (measures.analysis?.endings ?? []).flatMap(({ state, analyzerId }) => (state === 'failed' ? [{ streamId, analyzerId }] : [])),
    )
    .slice(0, FAILING_SHOWN);
  return { streamIds: pairs.map(({ streamId }) => streamId), analyzerIds: pairs.map(({ analyzerId }) => analyzerId) };
}

function statusOnWire(causes: readonly Cause[]): StatusWire {
  const [gravest] = causes;
  return { level: gravest?.level ?? 'good', text: gravest?.text ?? 'All is well', causes: causes.map(causeOnWire) };
}

const causeOnWire = ({ sinceMs, ...cause }: Cause): StatusCauseWire => ({
  ...cause,
  since: sinceMs === null ? null : new Date(sinceMs).toISOString(),
});
