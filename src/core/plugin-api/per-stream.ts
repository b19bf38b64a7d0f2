import type { Analyzer } from './analyzer.js';
import type { AudioBlock } from './audio.js';
import type { Frame } from './frame.js';
import type { JsonValue } from './json.js';
import type { Emit } from './result.js';
import type { SegmentInfo, StreamInfo } from './segment.js';

/** The analysis of one stream, picture by picture and sound block by sound block. */
export interface StreamCourse {
  /** The next picture. Needed where the analyzer's input asks for pictures. */
  frame?(frame: Frame, emit: Emit): Promise<void> | void;
  /** The next run of sound. Needed where the analyzer's input asks for sound. */
  sound?(block: AudioBlock, emit: Emit): Promise<void> | void;
  /** No media before `segment.ptsEndUs` will come any more. */
  endSegment?(segment: SegmentInfo, emit: Emit): Promise<void> | void;
  /**
   * Media is missing from here on, or the stream has ended. The course ends open events where it last saw their cause, and compares
   * later media with nothing from before.
   */
  interrupt?(emit: Emit): Promise<void> | void;
  /** The state that the analysis of later media depends on, so that a move to another host changes no result. */
  checkpoint(): JsonValue;
}

/** The analyzer methods that {@link perStream} implements. */
export type PerStreamAnalyzer = Required<
  Pick<Analyzer, 'openStream' | 'process' | 'processAudio' | 'endSegment' | 'gap' | 'checkpoint' | 'closeStream'>
>;

/**
 * Implements an analyzer with `state: 'stream'` by one course per stream, and passes each of core's calls to the course of its stream.
 * A course gets pictures and sound one by one; an asynchronous course gets the next one when it has finished the one before.
 * @param open starts a stream's course, from the `checkpoint` of an earlier one if there is one
 * @example
 * defineAnalyzer({
 *   id: 'acme.door.watch', state: 'stream', concurrent: true, …
 *   create: (config) => perStream((stream, checkpoint) => new DoorCourse(config, stream, checkpoint)),
 * })
 * @example
 * // What else an analyzer does stands beside it.
 * create: (config) => ({ ...perStream(open), judge: (glance, stream) => gate.judge(glance, stream) })
 */
export function perStream(open: (stream: StreamInfo, checkpoint?: JsonValue) => StreamCourse): PerStreamAnalyzer {
  const courses = new Map<string, StreamCourse>();
  const courseOf = ({ streamId }: StreamInfo): StreamCourse => {
    const course = courses.get(streamId);
    if (course === undefined) throw new Error(`Stream ${streamId} was not opened`);
    return course;
  };
  return {
    openStream: (stream, checkpoint) => void courses.set(stream.streamId, open(stream, checkpoint)),
    process: (frames, emit, signal, stream) => {
      const course = courseOf(stream);
      return oneByOne(frames, signal, (frame) => {
        if (course.frame === undefined) throw new Error('it asks for pictures (input.frame) but its course has no frame()');
        return course.frame(frame, emit);
      });
    },
    processAudio: (blocks, emit, signal, stream) => {
      const course = courseOf(stream);
      return oneByOne(blocks, signal, (block) => {
        if (course.sound === undefined) throw new Error('it asks for sound (input.audio) but its course has no sound()');
        return course.sound(block, emit);
      });
    },
    endSegment: (segment, emit, stream) => courseOf(stream).endSegment?.(segment, emit),
    gap: (_fromPtsUs, _toPtsUs, emit, stream) => courseOf(stream).interrupt?.(emit),
    checkpoint: (stream) => courseOf(stream).checkpoint(),
    closeStream: (stream, emit) => {
      const course = courses.get(stream.streamId);
      courses.delete(stream.streamId);
      return course?.interrupt?.(emit);
    },
  };
}

/** Without a promise where none is needed: pictures come many times a second. */
function oneByOne<Item>(items: readonly Item[], signal: AbortSignal, look: (item: Item) => Promise<void> | void): Promise<void> | void {
  for (const [index, item] of items.entries()) {
    signal.throwIfAborted();
    const looked = look(item);
    if (looked instanceof Promise) return looked.then(() => oneByOne(items.slice(index + 1), signal, look));
  }
}
