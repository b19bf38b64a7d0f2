import type { DynamicModule, InjectionToken } from '@nestjs/common';
import type { Plugin } from '../plugin-api/index.js';
import type { LoadedPlugin } from './loaded-plugins.js';

/** Kinds of contribution a role makes instances of. */
export type ContributionKind = 'analyzers' | 'sources' | 'strategies';

/** Under this token a plugin's module holds what one contribution asked to have injected, in order. */
export function injectedToken(kind: ContributionKind, id: string): InjectionToken {
  return `vedette.injected:${kind}:${id}`;
}

/**
 * A plugin as a Nest module of its own: its imports and providers, and per contribution of `kinds` the dependencies it asks
 * for. Nest resolves them as for any provider: from the plugin's module first, then from core's global modules.
 */
export function pluginModule({ plugin, ...contributions }: LoadedPlugin, kinds: readonly ContributionKind[]): DynamicModule {
  const providers = kinds.flatMap((kind) =>
    contributions[kind].map(({ definition }) => ({
      provide: injectedToken(kind, definition.id),
      useFactory: (...dependencies: unknown[]) => dependencies,
      inject: [...(definition.inject ?? [])],
    })),
  );
  return { module: moduleClass(plugin), imports: [...(plugin.imports ?? [])], providers: [...(plugin.providers ?? []), ...providers] };
}

/** Nest tells modules apart by class and speaks of them by its name. */
function moduleClass(plugin: Plugin): new () => object {
  const type = class {};
  Object.defineProperty(type, 'name', { value: `Plugin(${plugin.id})` });
  return type;
}
