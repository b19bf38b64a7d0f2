import { createSign } from 'node:crypto';
import { z } from 'vedette/plugin';
import { cloudError } from '../errors.js';

/** Puts what identifies us into a request. */
export type Authorise = (headers: Headers) => void;

const TOKEN_LIFE_S = 3600;
const RENEW_BEFORE_S = 300;
/** The name of the service in tokens, whichever region is asked. */
const AUDIENCE = 'https://vision.googleapis.com/';

const serviceAccount = z.object({
  client_email: z.string().min(1),
  private_key: z.string().includes('PRIVATE KEY'),
  private_key_id: z.string().optional(),
});

export const withApiKey =
  (apiKey: string): Authorise =>
  (headers) =>
    headers.set('x-goog-api-key', apiKey);

/**
 * A service account that signs its own tokens (AIP-4111): no token server is asked, so there is no further host to send anything to.
 * @param json the key file as Google made it
 * @throws VD_CLOUD_CREDENTIALS
 */
export function withServiceAccount(json: string, nowMs: () => number = Date.now): Authorise {
  const account = parsed(json);
  let token = { text: '', endS: 0 };
  return (headers) => {
    const nowS = Math.floor(nowMs() / 1000);
    if (token.endS - RENEW_BEFORE_S <= nowS) token = { text: signed(account, nowS), endS: nowS + TOKEN_LIFE_S };
    headers.set('authorization', `Bearer ${token.text}`);
  };
}

function parsed(json: string): z.output<typeof serviceAccount> {
  try {
    return serviceAccount.parse(JSON.parse(json));
  } catch {
    // What is wrong with it would show what is in it.
    throw cloudError(
      'VD_CLOUD_CREDENTIALS',
      'the service account is not the JSON key file of one: client_email and private_key are looked for in it',
    );
  }
}

function signed({ client_email, private_key, private_key_id }: z.output<typeof serviceAccount>, nowS: number): string {
  const header = { alg: 'RS256', typ: 'JWT', kid: private_key_id };
  const claims = { iss: client_email, sub: client_email, aud: AUDIENCE, iat: nowS, exp: nowS + TOKEN_LIFE_S };
  const content = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
  try {
    return `${content}.${createSign('RSA-SHA256').update(content).sign(private_key, 'base64url')}`;
  } catch {
    throw cloudError('VD_CLOUD_CREDENTIALS', `the private key of ${client_email} cannot be used`);
  }
}
