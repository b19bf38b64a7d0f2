import { mediaError } from '../../errors/media.errors.js';

/** More than any configuration of an honest encoder has. */
const MAX_CONFIGURATION_BYTES = 64 * 1024;

/** Reads a decoder configuration from its start to its end; what goes beyond is a coded error. */
export class ConfigurationBytes {
  private at = 0;

  /**
   * @param name as errors tell it: 'avcC'
   * @throws VD_MEDIA_CODEC_CONFIG_INVALID when it is empty or larger than any
   */
  constructor(
    private readonly bytes: Uint8Array,
    private readonly name: string,
  ) {
    if (bytes.length === 0 || bytes.length > MAX_CONFIGURATION_BYTES) throw this.invalid(`has ${bytes.length} bytes`);
  }

  get left(): number {
    return this.bytes.length - this.at;
  }

  byte(): number {
    const byte = this.bytes[this.at];
    if (byte === undefined) throw this.invalid(`ends after ${this.at} bytes`);
    this.at++;
    return byte;
  }

  uint16(): number {
    return this.byte() * 256 + this.byte();
  }

  take(count: number): Uint8Array {
    if (count > this.left) throw this.invalid(`has ${this.left} of ${count} bytes at ${this.at}`);
    const taken = this.bytes.subarray(this.at, this.at + count);
    this.at += count;
    return taken;
  }

  rest(): Uint8Array {
    return this.take(this.left);
  }

  /** What is wrong, in words that go on from its name: "has no parameter sets". */
  invalid(what: string): Error {
    return mediaError('VD_MEDIA_CODEC_CONFIG_INVALID', `${this.name} ${what}`);
  }
}

/** Runs `read`, whose bit reader says by RangeError that the bytes have ended. */
export function withinBounds<T>(bytes: ConfigurationBytes, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof RangeError) throw bytes.invalid(`cannot be read: ${error.message}`);
    throw error;
  }
}

export const hexByte = (byte: number): string => byte.toString(16).padStart(2, '0').toUpperCase();
