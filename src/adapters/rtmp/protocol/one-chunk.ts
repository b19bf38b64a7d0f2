/** Of commands and their answers. */
const CHUNK_STREAM = 3;

/** A whole message in one chunk, without a timestamp and of no stream. @throws Error when it does not fit into one */
export function oneChunk(type: number, payload: Buffer, chunkSizeBytes: number): Buffer {
  if (payload.length > chunkSizeBytes) throw new Error(`A message of ${payload.length} bytes does not fit into one chunk`);
  const header = Buffer.alloc(12);
  header.writeUInt8(CHUNK_STREAM, 0);
  header.writeUIntBE(payload.length, 4, 3);
  header.writeUInt8(type, 7);
  return Buffer.concat([header, payload]);
}
