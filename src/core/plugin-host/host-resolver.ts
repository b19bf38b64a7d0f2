import { registerHooks, type ResolveFnOutput, type ResolveHookContext } from 'node:module';
import { fileURLToPath } from 'node:url';

/** Prefix of the specifiers by which the loader asks for resolution from another folder. */
const FROM = 'vedette-plugin-from:';

/**
 * Packages of which a plugin must get the host's own copy, whatever lies in its node_modules: our public surface, the schema
 * library its configs are made of, and Nest, whose injector knows classes by identity.
 */
const HOST_PACKAGES = /^(vedette\/(plugin|testing|worker-host)|zod|@nestjs\/(common|core)|rxjs|reflect-metadata)(\/|$)/;

/**
 * Teaches Node's module loader two things for as long as it is installed: to resolve a plugin from the config file's folder,
 * and to give plugins outside our package the host's copy of {@link HOST_PACKAGES}.
 */
export class HostResolver {
  /** @param hostUrl any file of our own package; host packages are resolved from there */
  constructor(private readonly hostUrl: string) {}

  /** @returns a function that takes the hooks out again */
  install(): () => void {
    const hooks = registerHooks({ resolve: (specifier, context, next) => this.resolve(specifier, context, next) });
    return () => hooks.deregister();
  }

  /** The specifier that imports `specifier` as a file at `baseUrl` would. */
  static from(baseUrl: string, specifier: string): string {
    return `${FROM}${encodeURIComponent(baseUrl)},${encodeURIComponent(specifier)}`;
  }

  private resolve(
    specifier: string,
    context: ResolveHookContext,
    next: (specifier: string, context?: Partial<ResolveHookContext>) => ResolveFnOutput,
  ): ResolveFnOutput {
    if (specifier.startsWith(FROM)) {
      const [baseUrl = '', wanted = ''] = specifier.slice(FROM.length).split(',').map(decodeURIComponent);
      return next(wanted, { ...context, parentURL: baseUrl });
    }
    if (HOST_PACKAGES.test(specifier) && context.parentURL !== undefined && this.isForeign(context.parentURL)) {
      return next(specifier, { ...context, parentURL: this.hostUrl });
    }
    return next(specifier, context);
  }

  /** Outside our own source: elsewhere on disk, or a package in any node_modules. */
  private isForeign(parentUrl: string): boolean {
    if (!parentUrl.startsWith('file:')) return false;
    const path = fileURLToPath(parentUrl);
    return !path.startsWith(this.ownRoot) || path.slice(this.ownRoot.length).includes('node_modules');
  }

  /** `…/src/` or `…/dist/`: the folder that holds core, adapters and plugins. */
  private get ownRoot(): string {
    return fileURLToPath(new URL('../../', this.hostUrl));
  }
}
