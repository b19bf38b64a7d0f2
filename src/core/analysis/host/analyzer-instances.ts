import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Mutex } from 'async-mutex';
import { analysisError } from '../../errors/analysis.errors.js';
import type { Analyzer, AnalyzerTask, Logger } from '../../plugin-api/index.js';
import { failedHere, type PluginRegistry, type RegisteredAnalyzer } from '../../plugin-host/plugin-registry.js';
import type { ReferenceSets } from './reference-sets.js';

export interface RunningAnalyzer {
  readonly registered: RegisteredAnalyzer;
  readonly analyzer: Analyzer;
  /** It cannot do without reference images, and there are none. */
  readonly lacksReferences: boolean;
}

/** Instances with configs of workers elsewhere that are kept while nobody uses them; beyond it the longest unused goes. */
const MAX_IDLE = 16;

/** With the revision of the reference set it was given last, and whether it is being given another. */
type Instance = Omit<RunningAnalyzer, 'lacksReferences'> & {
  lacksReferences: boolean;
  referencesRevision?: number;
  readonly referring: Mutex;
};

interface Entry {
  readonly instance: Promise<Instance>;
  /** Made with the host's own config, it stays. */
  readonly stays: boolean;
  users: number;
}

/** What one job uses, until it ends. */
export interface Lease {
  /**
   * The task's analyzer, with the task's config and the reference images that it wants.
   * @throws VD_ANALYSIS_CONFIG_MISMATCH, VD_PLUGIN_CONFIG_INVALID, VD_ANALYSIS_REFERENCES_UNAVAILABLE, and whatever the analyzer's
   *   `create`, `init` or `useReferences` throws; the next task tries again
   */
  get(task: AnalyzerTask): Promise<RunningAnalyzer>;
  end(): Promise<void>;
}

/**
 * One instance of each analyzer and config per host, and of each gate, made and initialised when first asked for. The config is
 * the job's: where it is not this process's own, it is parsed anew and must have the hash that the job names.
 */
export class AnalyzerInstances {
  /** The longest unused first. */
  private readonly running = new Map<string, Entry>();

  constructor(
    private readonly registry: PluginRegistry,
    private readonly dataDir: string,
    private readonly logger: Logger,
    private readonly references: ReferenceSets,
    /** Told of an analyzer before it is disposed of. */
    private readonly leaving: (analyzer: Analyzer) => Promise<void>,
  ) {}

  /** @example const lease = instances.lease(); try { await lease.get(task) } finally { await lease.end() } */
  lease(): Lease {
    const used: Entry[] = [];
    return {
      get: async (task) => {
        const own = this.registry.analyzers.find(({ definition }) => definition.id === task.analyzerId);
        if (own === undefined)
          throw analysisError(
            'VD_ANALYSIS_CONFIG_MISMATCH',
            `no plugin here has an analyzer ${task.analyzerId}${failedHere(this.registry)}`,
          );
        const isOwn = own.configHash === task.configHash;
        const entry = this.entry(`${task.analyzerId} ${task.configHash}`, isOwn, async () => (isOwn ? own : this.configured(task, own)));
        entry.users++;
        used.push(entry);
        const instance = await entry.instance;
        await this.refer(instance, task.references);
        return instance;
      },
      end: async () => {
        for (const entry of used.splice(0)) entry.users--;
        await this.makeRoom();
      },
    };
  }

  /**
   * An instance of the gate's analyzer that does nothing but judge, one per queue: each sees its streams' segments in order,
   * whatever other queues and the analyzer's own runs are at.
   * @throws VD_ANALYSIS_CONFIG_MISMATCH, and whatever `get` throws
   */
  async judge(gate: string, queue: string): Promise<RunningAnalyzer> {
    const registered = this.registry.analyzers.find(({ definition }) => definition.gate === gate);
    if (registered === undefined)
      throw analysisError('VD_ANALYSIS_CONFIG_MISMATCH', `no plugin here has a gate ${gate}${failedHere(this.registry)}`);
    const instance = await this.entry(`${gate} for ${queue}`, true, async () => registered).instance;
    await this.refer(instance, undefined);
    return instance;
  }

  async close(): Promise<void> {
    const entries = [...this.running.values()];
    this.running.clear();
    for (const entry of entries) await this.dispose(entry);
  }

  private entry(key: string, stays: boolean, registered: () => Promise<RegisteredAnalyzer>): Entry {
    const entry = this.running.get(key) ?? { instance: registered().then((one) => this.start(one)), stays, users: 0 };
    this.running.delete(key);
    this.running.set(key, entry);
    entry.instance.catch(() => this.running.get(key) === entry && this.running.delete(key));
    return entry;
  }

  private async makeRoom(): Promise<void> {
    const idle = [...this.running].filter(([, { stays, users }]) => !stays && users === 0);
    for (const [key, entry] of idle.slice(0, Math.max(0, idle.length - MAX_IDLE))) {
      this.running.delete(key);
      await this.dispose(entry);
    }
  }

  private async dispose({ instance }: Entry): Promise<void> {
    try {
      const { analyzer } = await instance;
      await this.leaving(analyzer);
      await analyzer.dispose?.();
    } catch {
      // It never started, or does not go well: it is not used again either way.
    }
  }

  /** @throws VD_ANALYSIS_CONFIG_MISMATCH, VD_PLUGIN_CONFIG_INVALID */
  private async configured({ analyzerId, configHash, writtenConfig }: AnalyzerTask, own: RegisteredAnalyzer): Promise<RegisteredAnalyzer> {
    const made = writtenConfig === undefined ? own : await this.registry.configureAnalyzer(analyzerId, writtenConfig);
    if (made.configHash === configHash) return made;
    throw analysisError(
      'VD_ANALYSIS_CONFIG_MISMATCH',
      `${analyzerId} ${own.definition.version} makes config ${made.configHash} here, the job wants ${configHash}`,
    );
  }

  private async refer(instance: Instance, wanted: AnalyzerTask['references']): Promise<void> {
    const kind = instance.registered.definition.references;
    if (kind === undefined || instance.analyzer.useReferences === undefined) return;
    // One after another: jobs under way at once may want different revisions.
    await instance.referring.runExclusive(() => this.referTo(instance, kind, wanted));
  }

  private async referTo(instance: Instance, kind: string, wanted: AnalyzerTask['references']): Promise<void> {
    const revision = wanted?.kind === kind ? wanted.revision : 0;
    if (instance.referencesRevision !== undefined && instance.referencesRevision >= revision) return;
    const set = await this.references.atLeast({ kind, revision });
    await instance.analyzer.useReferences?.(set);
    instance.referencesRevision = set.revision;
    instance.lacksReferences = set.images.length === 0 && instance.registered.definition.needsReferences === true;
  }

  private async start(registered: RegisteredAnalyzer): Promise<Instance> {
    const analyzerId = registered.definition.id;
    const analyzer = await this.registry.createAnalyzer(analyzerId, registered.config);
    const dataDir = join(this.dataDir, 'analyzers', encodeURIComponent(analyzerId));
    await mkdir(dataDir, { recursive: true });
    await analyzer.init?.({ analyzerId, logger: this.logger, dataDir });
    return { registered, analyzer, lacksReferences: false, referring: new Mutex() };
  }
}
