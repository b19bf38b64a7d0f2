import { Module, type DynamicModule } from '@nestjs/common';
import { CHILD_CONFINEMENT } from '../config/child-confinement.js';
import { CONFIG_ORIGIN } from '../config/config.module.js';
import { MediaStoreModule } from '../media/store/media-store.module.js';
import { componentLoggers } from '../observability/component-logger.js';
import { poolOptions, ROLE_ENTRY } from './analysis.module.js';
import { TRIAL_HOST_OPTIONS, TrialPool } from './trial-pool.js';

/** For a role that analyses nothing of its own, and lets people try things. */
@Module({})
export class TrialPoolModule {
  static forEntry(entry: string): DynamicModule {
    return {
      module: TrialPoolModule,
      global: true,
      imports: [MediaStoreModule],
      providers: [
        { provide: ROLE_ENTRY, useValue: entry },
        { provide: TRIAL_HOST_OPTIONS, inject: [CONFIG_ORIGIN, CHILD_CONFINEMENT, ROLE_ENTRY], useFactory: poolOptions },
        ...componentLoggers('trials'),
        TrialPool,
      ],
      exports: [TrialPool],
    };
  }
}
