import type { RtmpConfig } from './config.js';
import { MessageType } from './protocol/message-type.js';
import { notAPublisher, overLimit, unsupportedMedia } from './refusal.js';

type Limits = Pick<RtmpConfig, 'maxVideoMessage' | 'maxAudioMessage' | 'maxCommandMessage'>;

const within = (limitBytes: number, lengthBytes: number): number => {
  if (lengthBytes > limitBytes) throw overLimit('message larger than allowed');
  return lengthBytes;
};

/**
 * How many bytes of a message are kept: media and commands whole, of data messages enough to know what they are, of what Vedette
 * has no use for nothing.
 * @throws Refusal for media of one who does not publish, and for what is larger than allowed
 */
export function keptBytes(config: Limits, type: number, lengthBytes: number, isPublishing: boolean): number {
  switch (type) {
    case MessageType.command:
    case MessageType.commandAmf3:
      return within(config.maxCommandMessage, lengthBytes);
    case MessageType.video:
    case MessageType.audio:
    case MessageType.data:
    case MessageType.dataAmf3:
    case MessageType.aggregate:
      if (!isPublishing) throw notAPublisher();
      break;
    default:
      return 0;
  }
  if (type === MessageType.video) return within(config.maxVideoMessage, lengthBytes);
  if (type === MessageType.audio) return within(config.maxAudioMessage, lengthBytes);
  if (type === MessageType.aggregate) throw unsupportedMedia('Aggregate messages are not supported: switch them off in the encoder');
  return Math.min(config.maxCommandMessage, lengthBytes);
}
