import { Inject, Module, type DynamicModule, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { availableParallelism } from 'node:os';
import { CHILD_CONFINEMENT, type LazyConfinement } from '../config/child-confinement.js';
import { nodeEnvironment } from '../config/child-environment.js';
import { CONFIG_ORIGIN } from '../config/config.module.js';
import { hostHandOver } from '../config/host-hand-over.js';
import type { LoadedConfig } from '../config/load-config.js';
import { LOGGER, type VedetteLogger } from '../observability/logger.js';
import { ANALYSIS_HOST_POOL, PICTURE_SAMPLER } from '../plugin-api/index.js';
import { SegmentFiles } from '../media/store/segment-files.js';
import { ReferenceLibrary } from '../brands/reference-library.js';
import { ForkedHostPool } from './pool/analysis-host-pool.js';

/** Nest token: path of the program's entry (`dist/main.js`), which is forked with the role's name as its argument. */
export const ROLE_ENTRY = Symbol.for('vedette.role-entry');

/**
 * Worker side of analysis: the pool of host processes, under the public token that the `local` strategy asks for, and once more under
 * that of those who want pictures only. Needs MediaStoreModule.
 */
@Module({})
export class AnalysisModule implements OnApplicationBootstrap, OnApplicationShutdown {
  constructor(@Inject(ANALYSIS_HOST_POOL) private readonly pool: ForkedHostPool) {}

  static forEntry(entry: string): DynamicModule {
    return {
      module: AnalysisModule,
      global: true,
      providers: [
        { provide: ROLE_ENTRY, useValue: entry },
        {
          provide: ANALYSIS_HOST_POOL,
          inject: [CONFIG_ORIGIN, CHILD_CONFINEMENT, ROLE_ENTRY, LOGGER, SegmentFiles, { token: ReferenceLibrary, optional: true }],
          useFactory: createPool,
        },
        { provide: PICTURE_SAMPLER, useExisting: ANALYSIS_HOST_POOL },
      ],
      exports: [ANALYSIS_HOST_POOL, PICTURE_SAMPLER],
    };
  }

  onApplicationBootstrap(): void {
    this.pool.start();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.pool.close();
  }
}

async function createPool(
  loaded: LoadedConfig,
  confinement: LazyConfinement,
  entry: string,
  logger: VedetteLogger,
  segments: SegmentFiles,
  references?: ReferenceLibrary,
): Promise<ForkedHostPool> {
  const { analysis } = loaded.config;
  return new ForkedHostPool({
    hosts: analysis.hosts || availableParallelism(),
    entry,
    args: ['analysis-host'],
    segments,
    environment: nodeEnvironment(),
    execArgv: [],
    confinement: await confinement(),
    handOver: hostHandOver(loaded),
    jobsPerHost: analysis.jobsPerHost,
    jobTimeoutMs: analysis.jobTimeout,
    memoryLimitBytes: analysis.memoryLimit,
    logger: logger.child({ component: 'analysis-hosts' }),
    ...(references === undefined ? {} : { references }),
  });
}
