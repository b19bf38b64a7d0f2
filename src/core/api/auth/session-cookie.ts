import { Inject, Injectable } from '@nestjs/common';
import type { CookieOptions, Request, Response } from 'express';
import { VEDETTE_CONFIG, type VedetteConfig } from '../../config/schema.js';
import type { NewSession, TokenOwner } from '../../persistence/access/token-store.js';
import type { SessionWire } from '../../wire/wire.js';
import { sessionCookie } from './credentials.js';
import { type FreshToken, freshToken } from './fresh-token.js';

/** A session that is about to be opened for whoever makes a request. */
export interface PreparedSession {
  readonly token: FreshToken;
  readonly row: NewSession;
}

/** Sessions of browsers: made from a request, given and taken away as a cookie that no script reads. */
@Injectable()
export class SessionCookies {
  constructor(@Inject(VEDETTE_CONFIG) private readonly config: VedetteConfig) {}

  prepare(request: Request): PreparedSession {
    const { sessionTtl, sessionIdle, maxSessions } = this.config.api;
    const token = freshToken('session');
    const from = { address: request.ip ?? null, browser: request.headers['user-agent'] ?? null };
    return { token, row: { sha256: token.sha256, ttlMs: sessionTtl, idleMs: sessionIdle, atMost: maxSessions, ...from } };
  }

  give(request: Request, response: Response, { token }: PreparedSession, owner: TokenOwner): SessionWire {
    response.cookie(sessionCookie(request.secure), token.token, {
      ...cookieOptions(request),
      ...(owner.expiresAt === null ? {} : { expires: owner.expiresAt }),
    });
    return sessionOnWire(owner);
  }

  take(request: Request, response: Response): void {
    response.clearCookie(sessionCookie(request.secure), cookieOptions(request));
  }
}

const cookieOptions = (request: Request): CookieOptions => ({ httpOnly: true, sameSite: 'strict', secure: request.secure, path: '/' });

export function sessionOnWire(owner: TokenOwner): SessionWire {
  return {
    user: { id: owner.userId, name: owner.userName, role: owner.role },
    kind: owner.kind,
    expiresAt: owner.expiresAt?.toISOString() ?? null,
  };
}
