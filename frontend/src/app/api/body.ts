import type createClient from 'openapi-fetch';
import type { operations, paths } from './schema';

/** REST, typed by the API's own document; each answer that is no success has been thrown. */
export type Http = ReturnType<typeof createClient<paths>>;

/** What an operation is sent. */
export type Body<Operation extends keyof operations> = operations[Operation] extends {
  requestBody?: { content: { 'application/json': infer Sent } };
}
  ? Sent
  : never;

/** What was answered; refusals have been thrown before. */
export async function bodyOf<T>(asked: Promise<{ data?: T }>): Promise<T> {
  return (await asked).data as T;
}
