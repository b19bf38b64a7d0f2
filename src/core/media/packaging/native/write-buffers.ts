const LEAST_BYTES = 64 * 1024;
/** What is larger is seldom, and kept by nobody. */
const LARGEST_KEPT_BYTES = 512 * 1024;
const MOST_KEPT = 16;

/**
 * Memory for what waits to be written, shared by all packagings of a process and used again and again: a buffer for each write would be
 * gone a moment later, and have the garbage collected for nothing.
 */
export class WriteBuffers {
  private readonly free: Buffer[] = [];

  /** A copy; its memory is somebody else's after {@link giveBack}. */
  copy(bytes: Uint8Array): Buffer {
    const at = this.free.findIndex(({ length }) => length >= bytes.length);
    const [memory = Buffer.allocUnsafeSlow(capacityFor(bytes.length))] = at === -1 ? [] : this.free.splice(at, 1);
    memory.set(bytes);
    return memory.subarray(0, bytes.length);
  }

  giveBack(copy: Buffer): void {
    const { byteLength } = copy.buffer;
    if (this.free.length < MOST_KEPT && byteLength <= LARGEST_KEPT_BYTES) this.free.push(Buffer.from(copy.buffer, 0, byteLength));
  }
}

function capacityFor(sizeBytes: number): number {
  let capacity = LEAST_BYTES;
  while (capacity < sizeBytes) capacity *= 2;
  return capacity;
}
