import type { CodecContext, Frame } from 'node-av/lib';
import { AVERROR_EAGAIN, AVERROR_EOF } from 'node-av/constants';

/** What a decoder has ready by now, past what it cannot decode. @param frame is what is given, each valid until the next is asked for */
export function* receivedFrames(decoder: CodecContext, frame: Frame): Generator<Frame, void, void> {
  for (;;) {
    const status = decoder.receiveFrameSync(frame);
    if (status === AVERROR_EAGAIN || status === AVERROR_EOF) return;
    if (status < 0) continue;
    yield frame;
    frame.unref();
  }
}
