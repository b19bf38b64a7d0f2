import type { Logger } from '../plugin-api/index.js';

const EVERY_MS = 60_000;
/** Kinds that are remembered; of more than that the oldest counts as new. */
const MAX_KINDS = 1_000;

interface Known {
  saidAtMs: number;
  passedOver: number;
}

/**
 * Writes what plugins throw into the log, with the stack that leads to the fault: the first of a kind at once, later ones once a
 * minute with the number that was passed over. A plugin that fails on every frame must not fill the disk.
 */
export class PluginFaultLog {
  private readonly known = new Map<string, Known>();

  constructor(
    private readonly logger: Logger,
    private readonly nowMs: () => number = () => performance.now(),
  ) {}

  /** @param by the id of the contribution whose code threw, such as `acme.door` */
  tell(by: string, error: unknown, fields: Readonly<Record<string, unknown>> = {}, what = 'A plugin threw'): void {
    const kind = `${by}\n${kindOf(error)}`;
    const before = this.known.get(kind);
    if (before !== undefined && this.nowMs() - before.saidAtMs < EVERY_MS) {
      before.passedOver++;
      return;
    }
    this.known.delete(kind);
    this.known.set(kind, { saidAtMs: this.nowMs(), passedOver: 0 });
    const oldest = this.known.keys().next();
    if (this.known.size > MAX_KINDS && !oldest.done) this.known.delete(oldest.value);
    const sinceThen = before === undefined || before.passedOver === 0 ? {} : { passedOver: before.passedOver };
    this.logger.warn(what, { by, ...fields, ...sinceThen, error: error instanceof Error ? error : new Error(String(error)) });
  }
}

/** By where it was thrown, since messages often hold numbers; by its message where there is no stack. */
function kindOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const frame = /^\s+at .+$/m.exec(error.stack ?? '')?.[0].trim();
  return `${error.name}\n${frame ?? error.message}`;
}
