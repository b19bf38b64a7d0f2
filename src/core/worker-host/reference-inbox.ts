import type { ReferenceSet } from '../plugin-api/index.js';
import { workerHostError } from './protocol/errors.js';

const ARRIVAL_TIMEOUT_MS = 30_000;

/** Where a worker host keeps reference images; core's, so that its analysis processes get them from there. */
export interface ReferenceStore {
  revision(kind: string): Promise<number>;
  put(set: ReferenceSet): void;
}

/** Waits for reference images that jobs want and workers bring. */
export class ReferenceInbox {
  private readonly waiting = new Set<() => void>();

  constructor(private readonly store: ReferenceStore) {}

  received(set: ReferenceSet): void {
    this.store.put(set);
    for (const look of [...this.waiting]) look();
  }

  /**
   * Returns once the set is here in that revision, or a later one.
   * @param ask tells the worker that it is wanted
   * @throws VD_REMOTE_REFUSED when it does not come
   */
  async ensure(wanted: { readonly kind: string; readonly revision: number }, ask: () => Promise<void>, signal: AbortSignal): Promise<void> {
    const { kind, revision } = wanted;
    const isHere = async (): Promise<boolean> => (await this.store.revision(kind)) >= revision;
    if (await isHere()) return;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const fail = (why: string): void =>
      reject(workerHostError('VD_REMOTE_REFUSED', `reference images of kind ${kind}, revision ${revision}: ${why}`));
    const late = setTimeout(() => fail(`the worker did not send them within ${ARRIVAL_TIMEOUT_MS} ms`), ARRIVAL_TIMEOUT_MS);
    const onAbort = (): void => fail('the job was called off');
    const look = (): void => void isHere().then((here) => here && resolve(), reject);
    signal.addEventListener('abort', onAbort, { once: true });
    this.waiting.add(look);
    try {
      if (signal.aborted) onAbort();
      await Promise.all([ask(), promise]);
    } finally {
      clearTimeout(late);
      signal.removeEventListener('abort', onAbort);
      this.waiting.delete(look);
    }
  }
}
