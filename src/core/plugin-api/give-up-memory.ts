/**
 * Gives the memory of bytes that nobody needs any more back at once. What waits for the garbage collector makes it come, and it looks at
 * everything else as well: at megabytes of media a second that costs more than the media. Only where the bytes have their memory for
 * themselves; they have no length afterwards.
 */
export function giveUpMemory({ buffer, byteLength }: Uint8Array): void {
  if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength) buffer.transfer(0);
}
