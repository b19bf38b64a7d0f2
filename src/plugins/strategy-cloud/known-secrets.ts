import type { Secrets, SecretSource } from 'vedette/plugin';

const MASK = '***';
const MAX_QUOTE_LENGTH = 300;
/** Control characters and runs of blanks, which have no place in a message. */
const CONTROL = /[\u0000-\u0020\u007f]+/g;

/** Reads a strategy's secrets, and keeps them out of what it says. */
export class KnownSecrets {
  private readonly values = new Set<string>();

  constructor(private readonly secrets: Secrets) {}

  read(source: SecretSource): string {
    const secret = this.secrets.read(source);
    this.values.add(secret);
    return secret;
  }

  /** A provider's words, short, on one line, without any secret that it may have echoed. */
  quote(text: string): string {
    const hidden = [...this.values].reduce((masked, secret) => masked.replaceAll(secret, MASK), text);
    const line = hidden.replaceAll(CONTROL, ' ').trim().toWellFormed();
    return line.length > MAX_QUOTE_LENGTH ? `${line.slice(0, MAX_QUOTE_LENGTH)}…` : line;
  }
}
