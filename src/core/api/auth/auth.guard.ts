import { Inject, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Request, Response } from 'express';
import { VEDETTE_CONFIG, type VedetteConfig } from '../../config/schema.js';
import { authError } from '../../errors/auth.errors.js';
import { SegmentSigner } from '../../media/store/segment-signer.js';
import { HttpConnections } from '../http/http-connections.js';
import type { Role } from '../../wire/wire.js';
import { ACCESS_METADATA } from './access.js';
import { Authenticator } from './authenticator.js';
import { setPrincipal } from './principal.js';
import { isSameOrigin } from './same-origin.js';
import { TokenUse } from './token-use.js';
import { bringsSignature, setSigned } from './signed-request.js';

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Stands before every route: signed in, allowed to, and not driven by another origin's page. */
@Injectable()
export class AuthGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly authenticator: Authenticator,
    private readonly use: TokenUse,
    private readonly signer: SegmentSigner,
    private readonly connections: HttpConnections,
    @Inject(VEDETTE_CONFIG) private readonly config: VedetteConfig,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    if (context.getType() !== 'http') return true; // sockets are checked when they open and at every subscription
    const request = context.switchToHttp().getRequest<Request>();
    const targets = [context.getHandler(), context.getClass()];
    const writing = !SAFE_METHODS.has(request.method);
    if (this.reflector.getAllAndOverride<boolean>(ACCESS_METADATA.open, targets) === true) {
      if (writing && !isSameOrigin(request, this.config.api.allowedOrigins, true)) throw crossOrigin(request);
      return true;
    }
    if (bringsSignature(request) && this.reflector.getAllAndOverride<boolean>(ACCESS_METADATA.signable, targets) === true) {
      await this.signer.verify(request.method, request.originalUrl);
      this.connections.known(request);
      setSigned(request);
      return true;
    }
    const principal = await this.authenticator.authenticate(request, request.ip ?? '');
    if (principal === null) {
      context.switchToHttp().getResponse<Response>().setHeader('WWW-Authenticate', 'Bearer');
      throw authError('VD_AUTH_REQUIRED', `${request.method} ${request.path} needs a signed-in user.`);
    }
    this.use.note(principal.tokenId);
    setPrincipal(request, principal); // also of who is refused below: the record of it says who
    if (writing && principal.via === 'cookie' && !isSameOrigin(request, this.config.api.allowedOrigins, false)) throw crossOrigin(request);
    const role = this.reflector.getAllAndOverride<Role>(ACCESS_METADATA.role, targets) ?? (writing ? 'admin' : 'viewer');
    if (role === 'admin' && principal.role !== 'admin') {
      throw authError(
        'VD_AUTH_FORBIDDEN',
        `${request.method} ${request.path} is for admins; ${principal.userName} is a ${principal.role}.`,
      );
    }
    return true;
  }
}

function crossOrigin(request: Request): Error {
  return authError('VD_AUTH_CROSS_ORIGIN', `${request.method} ${request.path} does not come from this server's own pages.`);
}
