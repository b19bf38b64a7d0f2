import type { JsonValue } from 'vedette/plugin';

export const numberOr = (value: JsonValue | undefined): number | null => (typeof value === 'number' ? value : null);
export const bytesOr = (value: JsonValue | undefined): Uint8Array | null =>
  typeof value === 'string' ? new Uint8Array(Buffer.from(value, 'base64')) : null;
export const base64Or = (bytes: Uint8Array | null): string | null => (bytes === null ? null : Buffer.from(bytes).toString('base64'));

/** Exact, and a quarter of what the numbers take as text. */
export const base64OfFloats = ({ buffer, byteOffset, byteLength }: Float32Array): string =>
  Buffer.from(buffer, byteOffset, byteLength).toString('base64');
export const floatsOf = (value: JsonValue | undefined): Float32Array =>
  new Float32Array(Uint8Array.from(Buffer.from(String(value), 'base64')).buffer);
