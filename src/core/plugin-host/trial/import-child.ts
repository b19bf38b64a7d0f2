import { HostResolver } from '../host-resolver.js';
import { PluginSource } from '../plugin-source.js';
import type { TrialNews, TrialOrder } from './trial-protocol.js';

/**
 * A process that imports plugins and says how it went. Whatever a plugin does to it (ends it, holds it up, takes it down with a native
 * library) happens to nobody else. It lasts until its parent ends it or is gone.
 */
new HostResolver(import.meta.url).install();
process.once('disconnect', () => process.exit(0));
process.once('message', (order) => void tryAll(order as TrialOrder));

async function tryAll({ baseDir, uses }: TrialOrder): Promise<void> {
  // How long an import may take is the parent's business, which can end one that never yields.
  const source = new PluginSource({ builtins: {}, baseDir });
  for (const use of uses) {
    await tell({ type: 'importing', use });
    try {
      await source.load(use);
      await tell({ type: 'imported', use });
    } catch (error) {
      const { code, message, fix, cause } = error as { code: string; message: string; fix?: string; cause?: unknown };
      const stack = cause instanceof Error ? cause.stack : undefined;
      await tell({
        type: 'failed',
        use,
        error: { code, message, ...(fix === undefined ? {} : { fix }), ...(stack === undefined ? {} : { stack }) },
      });
    }
  }
}

/** Settles when the parent can read it: what comes next may end this process. */
const tell = (news: TrialNews): Promise<void> =>
  new Promise((resolve, reject) => process.send?.(news, (error: Error | null) => (error === null ? resolve() : reject(error))));
