import type { Request } from 'express';

const HOST_NAME = /^[A-Za-z0-9.-]{1,253}$/;

/** The name under which a client reaches this machine: whoever reaches the dashboard by it reaches the listeners by it as well. */
export function askedHostName({ hostname }: Pick<Request, 'hostname'>): string {
  return HOST_NAME.test(hostname ?? '') ? hostname : 'localhost';
}
