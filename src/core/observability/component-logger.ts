import type { FactoryProvider } from '@nestjs/common';
import { LOGGER, type VedetteLogger } from './logger.js';

/**
 * Nest token of the role's logger whose every line names a component.
 * @example constructor(@Inject(loggerOf('watcher')) private readonly logger: Logger) {}
 */
export const loggerOf = (component: string): symbol => Symbol.for(`vedette.logger.${component}`);

/** Provides {@link loggerOf} those components, for the module whose classes ask for it. */
export const componentLoggers = (...components: readonly string[]): FactoryProvider<VedetteLogger>[] =>
  components.map((component) => ({
    provide: loggerOf(component),
    inject: [LOGGER],
    useFactory: (logger: VedetteLogger) => logger.child({ component }),
  }));
