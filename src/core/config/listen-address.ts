export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/** @example listenAddress('[::]:8090') // { host: '::', port: 8090 } */
export function listenAddress(text: string): ListenAddress {
  const split = text.lastIndexOf(':');
  return { host: text.slice(0, split).replace(/^\[|\]$/g, ''), port: Number(text.slice(split + 1)) };
}
