import type { Request } from 'express';

/**
 * The raw body of a request that no parser took: read after the sender is known, and no more of it than `limitBytes`.
 * @returns null when the body is larger
 */
export async function requestBytes(request: Request, limitBytes: number): Promise<Buffer | null> {
  const declared = Number(request.headers['content-length'] ?? 0);
  if (declared > limitBytes) return null;
  const parts: Buffer[] = [];
  let sizeBytes = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    sizeBytes += part.length;
    if (sizeBytes > limitBytes) return null;
    parts.push(part);
  }
  return Buffer.concat(parts, sizeBytes);
}
