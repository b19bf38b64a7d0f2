import type { ReferenceSet } from '../../plugin-api/index.js';
import { referencesHead } from './messages.js';

const LENGTH_BYTES = 4;

/**
 * A set of reference images for the wire: length of the head, the head as JSON, then all pixels. @returns parts to be sent one after
 * another
 */
export function encodeReferences({ kind, revision, images }: ReferenceSet): readonly Uint8Array[] {
  const head = Buffer.from(JSON.stringify({ kind, revision, images: images.map(({ rgba: _, ...facts }) => facts) }));
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt32BE(head.length);
  return [length, head, ...images.map(({ rgba }) => rgba)];
}

/** @throws Error where it is not what {@link encodeReferences} makes */
export function decodeReferences(bytes: Buffer): ReferenceSet {
  if (bytes.length < LENGTH_BYTES) throw new Error('cut short');
  const headEnd = LENGTH_BYTES + bytes.readUInt32BE(0);
  if (headEnd > bytes.length) throw new Error('cut short');
  const head = referencesHead.parse(JSON.parse(bytes.toString('utf8', LENGTH_BYTES, headEnd)));
  let at = headEnd;
  const images = head.images.map((facts) => {
    const end = at + facts.widthPx * facts.heightPx * 4;
    if (end > bytes.length) throw new Error(`the pixels of image ${facts.id} are cut short`);
    // A copy of its own, aligned, so that the whole upload is not kept alive by one image of it.
    const rgba = new Uint8Array(bytes.subarray(at, end));
    at = end;
    return { ...facts, rgba };
  });
  if (at !== bytes.length) throw new Error(`${bytes.length - at} bytes too many`);
  return { kind: head.kind, revision: head.revision, images };
}
