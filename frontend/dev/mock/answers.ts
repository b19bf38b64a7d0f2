import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ProblemWire } from '../../src/app/api/models';

const COOKIE = 'vedette_session';

export const SIGN_IN_HEADERS = { 'set-cookie': `${COOKIE}=mock; HttpOnly; SameSite=Strict; Path=/` };
export const SIGN_OUT_HEADERS = { 'set-cookie': `${COOKIE}=; HttpOnly; Max-Age=0; Path=/` };
export const isSignedIn = ({ headers }: IncomingMessage): boolean => /(?:^|; )vedette_session=mock(?:;|$)/.test(headers.cookie ?? '');

/** A problem as it is answered, without what every one of them says. */
export type Trouble = Pick<ProblemWire, 'status' | 'code' | 'title' | 'detail' | 'fix'>;
export const SIGNED_OUT: Trouble = {
  status: 401,
  code: 'VD_AUTH_REQUIRED',
  title: 'Not signed in',
  detail: 'This needs a session.',
  fix: 'Sign in with a one-time token.',
};
export const notFound = (detail: string): Trouble => ({
  status: 404,
  code: 'VD_API_NOT_FOUND',
  title: 'Nothing is here',
  detail,
  fix: 'Check the address.',
});

/** Answers with JSON; name the API's type of the body, so that it is held against it. */
export function answer<Body>(response: ServerResponse, status: number, body: Body, headers: Record<string, string> = {}): void {
  const type = status >= 400 ? 'application/problem+json' : 'application/json';
  response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store', ...headers });
  response.end(JSON.stringify(body));
}

export const refuse = (response: ServerResponse, trouble: Trouble): void =>
  answer<ProblemWire>(response, trouble.status, { type: 'about:blank', ...trouble });

export async function bodyOf<Sent>(request: IncomingMessage): Promise<Partial<Sent>> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString('utf8');
  return text === '' ? {} : (JSON.parse(text) as Partial<Sent>);
}
