import { CodedError, errorText } from '../../plugin-api/index.js';
import { brandError } from '../../errors/brand.errors.js';
import { confinePictureLibrary, readUpload } from './normalise-image.js';
import { thumbnailSheet } from './thumbnail-sheet.js';
import type { FromReader, ReadAnswers, ReadRequest, ToReader } from './reader-protocol.js';

/*
 * The process in which foreign pictures are opened. It is forked without an environment, holds no connection to anything but its
 * parent, and may end at any time: what is wrong with a picture is then that picture's refusal.
 */
const tell = (message: FromReader): void => void process.send?.(message, undefined, undefined, (error) => error && process.exit(1));

async function answer(request: ReadRequest): Promise<ReadAnswers[keyof ReadAnswers]> {
  if (request.type === 'image') return readUpload(Buffer.from(request.bytes), request.keepBackground);
  if (request.type === 'thumbnail-sheet') return thumbnailSheet(request);
  // The decoder is loaded for frames only.
  const { framePicture, frameReference } = await import('./segment-frame.js');
  return request.type === 'frame-picture' ? framePicture(request, request) : frameReference(request, request.box);
}

function refusal(error: unknown, request: ReadRequest): { code: string; message: string } {
  const message = errorText(error);
  // What libav refuses is not damaged: its own error says so.
  if (error instanceof CodedError && /^VD_(BRAND|FRAME|ANALYSIS)_/.test(error.code)) return { code: error.code, message };
  const { code } = brandError(request.type === 'image' ? 'VD_BRAND_IMAGE_UNREADABLE' : 'VD_FRAME_UNREADABLE', message);
  return { code, message: error instanceof CodedError ? `${error.code}: ${message}` : message };
}

confinePictureLibrary();
process.once('disconnect', () => process.exit(0));
process.on('message', (message) => {
  const { id, request } = message as ToReader;
  answer(request).then(
    (result) => tell({ type: 'answer', id, answer: result }),
    (error: unknown) => tell({ type: 'refusal', id, ...refusal(error, request) }),
  );
});
tell({ type: 'ready' });
