import type { BatchOptions, Tensor } from '../plugin-api/index.js';
import { arrayOf } from './zero-tensor.js';

type Feeds = Readonly<Record<string, Tensor>>;
type Results = Record<string, Tensor>;

interface Waiting {
  readonly feeds: Feeds;
  readonly items: number;
  readonly resolve: (results: Results) => void;
  readonly reject: (error: unknown) => void;
  /** Null once its turn has come. */
  withdraw: (() => void) | null;
}

interface Group {
  readonly waiting: Waiting[];
  items: number;
  timer: NodeJS.Timeout | NodeJS.Immediate | null;
}

/**
 * Makes one run of several that are asked for at once: inputs are put together along the first dimension, outputs taken apart
 * again. Runs that differ in type or size beyond the first dimension never meet. Who asked first is served first.
 */
export class RunBatcher {
  private readonly groups = new Map<string, Group>();

  constructor(
    private readonly run: (feeds: Feeds) => Promise<Results>,
    private readonly options: BatchOptions,
  ) {}

  add(feeds: Feeds, signal?: AbortSignal): Promise<Results> {
    signal?.throwIfAborted();
    const items = itemsOf(feeds);
    if (items === null || items >= this.options.max) return this.run(feeds);
    const key = shapeKey(feeds);
    const open = this.groups.get(key);
    if (open !== undefined && open.items + items > this.options.max) this.start(key, open);
    const group = this.groups.get(key) ?? this.open(key);
    return new Promise<Results>((resolve, reject) => {
      const waiting: Waiting = { feeds, items, resolve, reject, withdraw: null };
      const onAbort = (): void => {
        remove(group, waiting);
        reject(signal?.reason);
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      waiting.withdraw = () => signal?.removeEventListener('abort', onAbort);
      group.waiting.push(waiting);
      group.items += items;
      if (group.items >= this.options.max) this.start(key, group);
    });
  }

  private open(key: string): Group {
    const group: Group = { waiting: [], items: 0, timer: null };
    const start = (): void => this.start(key, group);
    group.timer = this.options.waitMs > 0 ? setTimeout(start, this.options.waitMs) : setImmediate(start);
    this.groups.set(key, group);
    return group;
  }

  private start(key: string, group: Group): void {
    if (this.groups.get(key) === group) this.groups.delete(key);
    clearTimeout(group.timer as NodeJS.Timeout);
    clearImmediate(group.timer as NodeJS.Immediate);
    for (const waiting of group.waiting) waiting.withdraw?.();
    if (group.waiting.length > 0) void this.serve(group.waiting);
  }

  private async serve(waiting: readonly Waiting[]): Promise<void> {
    if (waiting.length > 1) {
      try {
        const results = await this.run(concatenate(waiting.map(({ feeds }) => feeds)));
        const shares = split(
          results,
          waiting.map(({ items }) => items),
        );
        waiting.forEach(({ resolve }, i) => resolve(shares[i]!));
        return;
      } catch {
        // One of them may be to blame: each gets a run, and an answer, of its own.
      }
    }
    for (const { feeds, resolve, reject } of waiting) await this.run(feeds).then(resolve, reject);
  }
}

function remove(group: Group, waiting: Waiting): void {
  const at = group.waiting.indexOf(waiting);
  if (at < 0) return;
  group.waiting.splice(at, 1);
  group.items -= waiting.items;
}

/** Items in a run; null where inputs disagree, or have no first dimension. */
function itemsOf(feeds: Feeds): number | null {
  const counts = new Set(Object.values(feeds).map(({ dims }) => dims[0]));
  const [count] = counts;
  return counts.size === 1 && count !== undefined && count > 0 ? count : null;
}

const shapeKey = (feeds: Feeds): string =>
  Object.keys(feeds)
    .sort()
    .map((name) => `${name} ${feeds[name]!.type} ${feeds[name]!.dims.slice(1).join('x')}`)
    .join('\n');

function concatenate(all: readonly Feeds[]): Feeds {
  const together: Record<string, Tensor> = {};
  for (const [name, { type, dims }] of Object.entries(all[0] ?? {})) {
    const parts = all.map((feeds) => feeds[name]!);
    const length = parts.reduce((sum, { data }) => sum + data.length, 0);
    const data = arrayOf(type, length);
    let at = 0;
    for (const part of parts) {
      (data as Float32Array).set(part.data as Float32Array, at);
      at += part.data.length;
    }
    together[name] = { type, dims: [parts.reduce((sum, part) => sum + part.dims[0]!, 0), ...dims.slice(1)], data };
  }
  return together;
}

/** @throws RangeError when an output has not as many items as went in */
function split(results: Results, counts: readonly number[]): Results[] {
  const total = counts.reduce((sum, count) => sum + count, 0);
  let from = 0;
  return counts.map((count) => {
    const share: Results = {};
    for (const [name, { type, dims, data }] of Object.entries(results)) {
      if (dims[0] !== total) throw new RangeError(`${name} has ${dims[0] ?? 'no'} items, ${total} went in`);
      const step = data.length / total;
      // A copy: whoever keeps one item must not keep all of them.
      share[name] = { type, dims: [count, ...dims.slice(1)], data: data.slice(from * step, (from + count) * step) };
    }
    from += count;
    return share;
  });
}
