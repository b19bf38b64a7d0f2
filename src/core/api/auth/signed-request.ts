import type { Request } from 'express';

const SIGNED = Symbol('vedette.signed');
type Carrier = Request & { [SIGNED]?: boolean };

/** Whether the request brings a signature instead of a session; it stands for nothing until it was checked. */
export const bringsSignature = (request: Request): boolean => request.query['signature'] !== undefined;

export function setSigned(request: Request): void {
  (request as Carrier)[SIGNED] = true;
}

/** Whether its signature was checked: it is for exactly this address, and there is no user behind it. */
export const isSigned = (request: Request): boolean => (request as Carrier)[SIGNED] === true;
