import type { Analyzer, Emit, Frame, JsonValue, PtsUs, SegmentInfo, StreamInfo } from 'vedette/plugin';

/** What one stream's media is judged by, piece after piece. */
export interface StreamCourse {
  /** Media is missing from here on: what lasted ends, and what follows has nothing to be compared with. */
  interrupt(emit: Emit): void;
  /** Everything that what follows is judged against, so that a move changes no result. */
  checkpoint(): JsonValue;
}

/** A course through pictures. */
export interface PictureCourse extends StreamCourse {
  frame(frame: Frame, emit: Emit): void;
  /** No picture before `ptsUs` will come any more. */
  passed(ptsUs: PtsUs, emit: Emit): void;
}

/** The courses of an analyzer that is nothing but one per stream. */
export class StreamCourses<Course extends StreamCourse> {
  readonly #courses = new Map<string, Course>();

  constructor(private readonly begin: (stream: StreamInfo, checkpoint?: JsonValue) => Course) {}

  openStream(stream: StreamInfo, checkpoint?: JsonValue): void {
    this.#courses.set(stream.streamId, this.begin(stream, checkpoint));
  }

  gap(_fromPtsUs: PtsUs, _toPtsUs: PtsUs, emit: Emit, stream: StreamInfo): void {
    this.course(stream).interrupt(emit);
  }

  checkpoint(stream: StreamInfo): JsonValue {
    return this.course(stream).checkpoint();
  }

  closeStream(stream: StreamInfo, emit: Emit): void {
    this.#courses.get(stream.streamId)?.interrupt(emit);
    this.#courses.delete(stream.streamId);
  }

  protected course(stream: StreamInfo): Course {
    const course = this.#courses.get(stream.streamId);
    if (course === undefined) throw new Error(`Stream ${stream.streamId} was not opened`);
    return course;
  }
}

/** An analyzer of pictures that is nothing but a course per stream. */
export class PerStreamAnalyzer extends StreamCourses<PictureCourse> implements Analyzer {
  process(frames: readonly Frame[], emit: Emit, _signal: AbortSignal, stream: StreamInfo): void {
    const course = this.course(stream);
    for (const frame of frames) course.frame(frame, emit);
  }

  endSegment(segment: SegmentInfo, emit: Emit, stream: StreamInfo): void {
    this.course(stream).passed(segment.ptsEndUs, emit);
  }
}
