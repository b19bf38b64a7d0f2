import { StringDecoder } from 'node:string_decoder';

/** Cuts a stream of bytes into lines of JSON. A line that grows past the limit is an error, not memory. */
export class NdjsonLines {
  private readonly decoder = new StringDecoder('utf8');
  private rest: string[] = [];
  private restBytes = 0;
  private totalBytes = 0;

  /** @param maxTotalBytes of all lines together; 0: no limit */
  constructor(
    private readonly maxLineBytes: number,
    private readonly maxTotalBytes = 0,
  ) {}

  /**
   * @returns what the lines that end in `chunk` say
   * @throws Error for a line that is too long or no JSON
   */
  *read(chunk: Buffer): Generator<unknown> {
    this.totalBytes += chunk.length;
    if (this.maxTotalBytes > 0 && this.totalBytes > this.maxTotalBytes) throw new Error(`more than ${this.maxTotalBytes} bytes`);
    let from = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, from)) {
      this.keep(chunk.subarray(from, end));
      const line = this.rest.join('') + this.decoder.end();
      this.rest = [];
      this.restBytes = 0;
      from = end + 1;
      if (line !== '') yield parsed(line);
    }
    this.keep(chunk.subarray(from));
  }

  private keep(part: Buffer): void {
    this.restBytes += part.length;
    if (this.restBytes > this.maxLineBytes) throw new Error(`a line of more than ${this.maxLineBytes} bytes`);
    if (part.length > 0) this.rest.push(this.decoder.write(part));
  }
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line) as unknown;
  } catch {
    throw new Error(`a line that is not JSON: ${line.slice(0, 80)}`);
  }
}

export const line = (message: object): string => `${JSON.stringify(message)}\n`;
