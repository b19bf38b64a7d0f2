// Lets plain Node run this project's TypeScript as it is: `./x.js` names `./x.ts`. For child processes of tests and benchmarks;
// use with --experimental-transform-types --conditions=vedette-source --import <this file>.
import { registerHooks } from 'node:module';

registerHooks({
  resolve(specifier, context, next) {
    try {
      return next(specifier, context);
    } catch (error) {
      if (!specifier.startsWith('.') || !specifier.endsWith('.js')) throw error;
      return next(specifier.replace(/\.js$/, '.ts'), context);
    }
  },
});
