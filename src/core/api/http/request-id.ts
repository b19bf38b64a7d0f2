import { randomUUID } from 'node:crypto';
import type { NextFunction, Request, Response } from 'express';

const REQUEST_ID = Symbol('vedette.request-id');
type Carrier = Request & { [REQUEST_ID]?: string };

/** Gives every request an id of our own: what a client sends as one is not believed. */
export function requestId(request: Request, response: Response, next: NextFunction): void {
  const id = randomUUID();
  (request as Carrier)[REQUEST_ID] = id;
  response.setHeader('X-Request-Id', id);
  next();
}

export const requestIdOf = (request: Request): string | null => (request as Carrier)[REQUEST_ID] ?? null;
