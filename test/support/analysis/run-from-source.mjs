// Lets plain Node run this project's TypeScript as it is: `./x.js` names `./x.ts`, and decorators are compiled, which Node does not
// do. For child processes of tests and benchmarks; use with --experimental-transform-types --conditions=vedette-source --import <this file>.
import { readFileSync } from 'node:fs';
import { createRequire, enableCompileCache, registerHooks } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

// Of hundreds of children in one run, each would strip and compile the same files again: most of what its start costs.
enableCompileCache(join(tmpdir(), 'vedette-compile-cache'));

/** A decorator begins a line, or a parameter. */
const DECORATED = /^\s*@[A-Z]\w*\(|\(@[A-Z]\w*\(/m;

registerHooks({
  resolve(specifier, context, next) {
    try {
      return next(specifier, context);
    } catch (error) {
      if (!specifier.startsWith('.') || !specifier.endsWith('.js')) throw error;
      return next(specifier.replace(/\.js$/, '.ts'), context);
    }
  },
  load(url, context, next) {
    const source = url.startsWith('file:') && url.endsWith('.ts') ? readFileSync(new URL(url), 'utf8') : '';
    return DECORATED.test(source)
      ? { format: 'module', source: compiled(source, fileURLToPath(url)), shortCircuit: true }
      : next(url, context);
  },
});

/** The compiler is loaded for the first file that needs it. */
function compiled(source, fileName) {
  const { ModuleKind, ScriptTarget, transpileModule } = createRequire(import.meta.url)('typescript');
  const compilerOptions = {
    module: ModuleKind.ESNext,
    target: ScriptTarget.ESNext,
    experimentalDecorators: true,
    emitDecoratorMetadata: true,
  };
  return transpileModule(source, { fileName, compilerOptions: { ...compilerOptions, inlineSourceMap: true } }).outputText;
}
