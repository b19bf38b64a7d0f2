import { createRequire } from 'node:module';
import type { ExecutionProvider } from '../plugin-api/index.js';

/** Read from its package: loading the library itself would carry it into every role that asks. */
export function runtimeVersion(): string {
  return (createRequire(import.meta.url)('onnxruntime-node/package.json') as { version: string }).version;
}

/** One thread and no spinning: hosts are as many as cores, and spinning costs three times the work at video rates. */
export function sessionOptions(provider: ExecutionProvider): Record<string, unknown> {
  return {
    executionProviders: [provider],
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
    logSeverityLevel: 3,
    extra: { session: { intra_op: { allow_spinning: '0' }, inter_op: { allow_spinning: '0' } } },
  };
}
