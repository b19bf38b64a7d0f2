import { Filter, FilterGraph, FilterInOut, Frame as AvFrame, type FilterContext } from 'node-av/lib';
import { AV_BUFFERSRC_FLAG_PUSH } from 'node-av/constants';
import { libavOk } from '../libav.js';

type SourceParameters = Parameters<FilterContext['buffersrcParametersSet']>[0];

/** One frame in, any number out, through a chain of libav's filters. */
export class FilterChain {
  private readonly graph = new FilterGraph();
  private readonly source: FilterContext;
  private readonly sink: FilterContext;
  private readonly frame = new AvFrame();

  /** @param filters made here only: never from outside */
  constructor(kind: 'video' | 'audio', parameters: SourceParameters, filters: string) {
    this.graph.alloc();
    this.graph.nbThreads = 1;
    this.frame.alloc();
    const [buffer, buffersink] = kind === 'video' ? ['buffer', 'buffersink'] : ['abuffer', 'abuffersink'];
    const source = this.graph.allocFilter(Filter.getByName(buffer!)!, 'in');
    const sink = this.graph.createFilter(Filter.getByName(buffersink!)!, 'out');
    if (source === null || sink === null) throw new Error('libav has no buffers for filters');
    libavOk(source.buffersrcParametersSet(parameters), 'describing frames to a filter');
    libavOk(source.init(null), 'preparing a filter');
    const inputs = FilterInOut.createList([{ name: 'out', filterCtx: sink, padIdx: 0 }]);
    const outputs = FilterInOut.createList([{ name: 'in', filterCtx: source, padIdx: 0 }]);
    libavOk(this.graph.parsePtr(filters, inputs, outputs), 'preparing filters');
    libavOk(this.graph.configSync(), 'connecting filters');
    [this.source, this.sink] = [source, sink];
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
