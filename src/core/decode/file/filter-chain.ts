import { Filter, type FilterContext, FilterGraph, type Frame } from 'node-av/lib';
import { AVERROR_EAGAIN, AVERROR_EOF } from 'node-av/constants';
import { libavOk } from '../libav.js';

export type FilterStep = readonly [filter: string, args: string];

/** Filters of libav, one after the other. */
export class FilterChain {
  private readonly graph = new FilterGraph();
  private readonly source: FilterContext;
  private readonly sink: FilterContext;

  /** @param steps with the source first and without the sink */
  constructor(kind: 'video' | 'audio', steps: readonly FilterStep[]) {
    this.graph.alloc();
    this.graph.nbThreads = 1;
    const contexts = [...steps, [kind === 'video' ? 'buffersink' : 'abuffersink', ''] as const].map(([name, args], index) => {
      const filter = Filter.getByName(name);
      const context = filter && this.graph.createFilter(filter, `${name}${index}`, args === '' ? null : args);
      if (context == null) throw new Error(`libav has no filter ${name} that takes ${args}`);
      return context;
    });
    contexts.slice(1).forEach((context, index) => libavOk(contexts[index]!.link(0, context, 0), 'joining filters'));
    libavOk(this.graph.configSync(), 'setting up filters');
    [this.source, this.sink] = [contexts[0]!, contexts.at(-1)!];
  }

  get timeBase(): { readonly num: number; readonly den: number } {
    return this.sink.buffersinkGetTimeBase();
  }

  /** @param frame null: nothing comes any more */
  put(frame: Frame | null): void {
    libavOk(this.source.buffersrcAddFrameSync(frame), 'filtering');
  }

  /** @returns false when there is none to be had */
  get(frame: Frame): boolean {
    const status = this.sink.buffersinkGetFrameSync(frame);
    if (status === AVERROR_EAGAIN || status === AVERROR_EOF) return false;
    libavOk(status, 'filtering');
    return true;
  }

  close(): void {
    this.graph.free();
  }
}
