import type { Analyzer, Emit, Frame, JsonValue, PtsUs, SegmentInfo, StreamInfo } from 'vedette/plugin';

/** What one stream's pictures are judged by, one after another. */
export interface StreamCourse {
  frame(frame: Frame, emit: Emit): void;
  /** No picture before `ptsUs` will come any more. */
  passed(ptsUs: PtsUs, emit: Emit): void;
  /** Media is missing from here on: what lasted ends, and the next picture has none to be compared with. */
  interrupt(emit: Emit): void;
  /** Everything the next picture is judged against, so that a move changes no result. */
  checkpoint(): JsonValue;
}

/** An analyzer that is nothing but a course per stream. */
export class PerStreamAnalyzer implements Analyzer {
  readonly #courses = new Map<string, StreamCourse>();

  constructor(private readonly begin: (stream: StreamInfo, checkpoint?: JsonValue) => StreamCourse) {}

  openStream(stream: StreamInfo, checkpoint?: JsonValue): void {
    this.#courses.set(stream.streamId, this.begin(stream, checkpoint));
  }

  process(frames: readonly Frame[], emit: Emit, _signal: AbortSignal, stream: StreamInfo): void {
    const course = this.#course(stream);
    for (const frame of frames) course.frame(frame, emit);
  }

  endSegment(segment: SegmentInfo, emit: Emit, stream: StreamInfo): void {
    this.#course(stream).passed(segment.ptsEndUs, emit);
  }

  gap(_fromPtsUs: PtsUs, _toPtsUs: PtsUs, emit: Emit, stream: StreamInfo): void {
    this.#course(stream).interrupt(emit);
  }

  checkpoint(stream: StreamInfo): JsonValue {
    return this.#course(stream).checkpoint();
  }

  closeStream(stream: StreamInfo, emit: Emit): void {
    this.#courses.get(stream.streamId)?.interrupt(emit);
    this.#courses.delete(stream.streamId);
  }

  #course(stream: StreamInfo): StreamCourse {
    const course = this.#courses.get(stream.streamId);
    if (course === undefined) throw new Error(`Stream ${stream.streamId} was not opened`);
    return course;
  }
}
