import { takeOrder } from '../../config/hand-over.js';
import { MediaReading } from '../../decode/reading/media-reading.js';
import { encodeMessage, type FromReader, type ReaderOrder } from './reader-messages.js';

/*
 * The process that reads one source. Its order, with whatever the source's address holds, comes by a pipe; what it reads goes to its
 * standard output, which holds it back as long as nobody takes it; its parent's going ends it.
 */
const say = (message: FromReader): void => void process.stdout.write(encodeMessage(message));

process.stdout.on('error', () => process.exit(1));
const reading = new MediaReading(takeOrder() as ReaderOrder, {
  opened: (facts) => say({ type: 'opened', facts }),
  video: (track) => say({ type: 'video', ...track }),
  audio: (track) => say({ type: 'audio', ...track }),
  frame: (frame) => say({ type: 'frame', frame }),
  lost: (reason, track) => say({ type: 'lost', reason, track }),
  notice: (text) => say({ type: 'notice', text }),
});
process.once('message', () => reading.close());
process.once('disconnect', () => reading.close());
const failure = await reading.run();
if (failure !== undefined) say({ type: 'failed', failure });
process.exit(0);
