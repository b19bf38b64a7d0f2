import { Filter, FilterGraph, Frame as AvFrame, type FilterContext } from 'node-av/lib';
import { AV_BUFFERSRC_FLAG_PUSH } from 'node-av/constants';
import { libavOk } from './libav.js';

/** A filter of libav's and its arguments; named in this program only, never by what comes from outside. */
export type FilterStep = readonly [name: string, args?: string];

/** One frame in, any number out, through a chain of libav's filters. */
export class FilterChain {
  private readonly graph = new FilterGraph();
  private readonly source: FilterContext;
  private readonly sink: FilterContext;
  private readonly frame = new AvFrame();
  /** A filter goes with what stands for it here. */
  private readonly filters: FilterContext[] = [];

  /** @param source what comes in, as libav's `buffer` and `abuffer` take it */
  constructor(source: FilterStep, steps: readonly FilterStep[]) {
    this.graph.alloc();
    this.graph.nbThreads = 1;
    this.frame.alloc();
    const sink: FilterStep = [source[0] === 'buffer' ? 'buffersink' : 'abuffersink'];
    for (const [index, [name, args]] of [source, ...steps, sink].entries()) {
      const next = this.graph.createFilter(filterOf(name), `step${index}`, args === '' ? null : (args ?? null));
      if (next === null) throw new Error(`libav refuses the filter ${name}`);
      const last = this.filters.at(-1);
      if (last !== undefined) libavOk(last.link(0, next, 0), 'connecting filters');
      this.filters.push(next);
    }
    libavOk(this.graph.configSync(), 'connecting filters');
    [this.source, this.sink] = [this.filters[0]!, this.filters.at(-1)!];
  }

  get timeBase(): { readonly num: number; readonly den: number } {
    return this.sink.buffersinkGetTimeBase();
  }

  /** @param frame null: gives what is left */
  *pass(frame: AvFrame | null): Generator<AvFrame, void, void> {
    libavOk(this.source.buffersrcAddFrameSync(frame, AV_BUFFERSRC_FLAG_PUSH), 'filtering a frame');
    while (this.sink.buffersinkGetFrameSync(this.frame) >= 0) {
      yield this.frame;
      this.frame.unref();
    }
  }

  close(): void {
    this.frame.free();
    this.graph.free();
  }
}

function filterOf(name: string): Filter {
  const filter = Filter.getByName(name);
  if (filter === null) throw new Error(`libav has no filter ${name}`);
  return filter;
}
