import type { LoggerService } from '@nestjs/common';
import type { VedetteLogger } from './logger.js';

/** Contexts in which Nest logs its own wiring; of interest only when looking for a fault there. */
const WIRING = new Set([
  'InstanceLoader',
  'RoutesResolver',
  'RouterExplorer',
  'NestFactory',
  'NestApplication',
  'WebSocketsController',
  'LazyModuleLoader',
]);

/** Lets Nest and its modules log through the role's logger. */
export class NestLogger implements LoggerService {
  constructor(private readonly logger: VedetteLogger) {}

  log(message: unknown, ...rest: unknown[]): void {
    const component = context(rest);
    if (component !== undefined && WIRING.has(component)) this.logger.debug(text(message), { component });
    else this.logger.info(text(message), { component });
  }
  warn(message: unknown, ...rest: unknown[]): void {
    this.logger.warn(text(message), { component: context(rest) });
  }
  error(message: unknown, ...rest: unknown[]): void {
    const stack = rest.length > 1 && typeof rest[0] === 'string' ? rest[0] : undefined;
    this.logger.error(text(message), {
      component: context(rest),
      ...(message instanceof Error ? { error: message } : stack === undefined ? {} : { error: { message: text(message), stack } }),
    });
  }
  debug(message: unknown, ...rest: unknown[]): void {
    this.logger.debug(text(message), { component: context(rest) });
  }
  verbose(message: unknown, ...rest: unknown[]): void {
    this.debug(message, ...rest);
  }
  fatal(message: unknown, ...rest: unknown[]): void {
    this.error(message, ...rest);
  }
}

const text = (message: unknown): string =>
  message instanceof Error ? message.message : typeof message === 'string' ? message : JSON.stringify(message);

/** Nest passes the context as the last argument. */
function context(rest: readonly unknown[]): string | undefined {
  const last = rest.at(-1);
  return typeof last === 'string' && last.length < 80 && !last.includes('\n') ? last : undefined;
}
