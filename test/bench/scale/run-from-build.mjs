// Lets plain Node run the TypeScript of tests and benchmarks while everything below src/ is taken from the build, as it is deployed:
// Nest's modules have decorators, which Node does not strip. Use with --experimental-transform-types --import <this file>.
import { registerHooks } from 'node:module';

const ROOT = new URL('../../../', import.meta.url).href;

registerHooks({
  resolve(specifier, context, next) {
    if (!specifier.startsWith('.') || context.parentURL === undefined) return next(specifier, context);
    const wanted = new URL(specifier, context.parentURL).href;
    if (wanted.startsWith(`${ROOT}src/`)) return next(wanted.replace(`${ROOT}src/`, `${ROOT}dist/`), context);
    try {
      return next(specifier, context);
    } catch (error) {
      if (!specifier.endsWith('.js')) throw error;
      return next(specifier.replace(/\.js$/, '.ts'), context);
    }
  },
});
