import type { RtmpCommand } from './command.js';

/** An opaque secret in printable ASCII; anything else cannot be a key. */
const KEY = /^[\x21-\x7e]{1,256}$/;
/** What is pasted around names: blanks, line ends, slashes of the address before. */
const AROUND = /^[\s/]+|[\s/]+$/g;

/** A name as encoders send it, without its query and what surrounds it. */
const nameIn = (value: unknown): string | undefined =>
  typeof value === 'string' ? value.replace(AROUND, '').split('?')[0]?.replace(AROUND, '') : undefined;

/** The application of a `connect`; undefined where there is none. */
export const appOf = ({ object }: RtmpCommand): string | undefined => nameIn(object?.['app']);

/** The stream key of a `publish`; undefined where there is none that could be a key. */
export function streamKeyOf({ args }: RtmpCommand): string | undefined {
  const key = nameIn(args[0]);
  return key !== undefined && KEY.test(key) ? key : undefined;
}
