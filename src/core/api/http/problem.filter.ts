import { Catch, HttpException, Logger, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { Request, Response } from 'express';
import { apiErrors } from '../../errors/api.errors.js';
import { authErrors } from '../../errors/auth.errors.js';
import { VedetteError, type ErrorSpec } from '../../errors/errors.js';
import { describeProblem, PROBLEM_TYPE } from '../../errors/problem.js';
import { isConnectionLoss } from '../../persistence/sql-errors.js';
import { CodedError } from '../../plugin-api/index.js';
import { anyActorOf } from '../auth/request-actor.js';
import { Authenticator } from '../auth/authenticator.js';
import { ApiRefusals } from '../auth/api-refusals.js';
import { TooManyAttempts } from '../auth/too-many-attempts.js';
import type { ProblemWire } from '../../wire/wire.js';
import { requestIdOf } from './request-id.js';
import { InvalidInput } from './validation.pipe.js';

/** Every error leaves as application/problem+json with a code and the fix; causes and stacks stay in the log. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  private readonly logger = new Logger(ProblemFilter.name);

  constructor(
    private readonly authenticator: Authenticator,
    private readonly refusals: ApiRefusals,
  ) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<Request>();
    const response = host.switchToHttp().getResponse<Response>();
    const problem = problemOf(error, request);
    this.tell(error, problem, request);
    this.refusals.add({ code: problem.code, status: problem.status, path: request.path, by: anyActorOf(request) });
    if (response.headersSent) {
      response.destroy(); // a body cut short must not look complete
      return;
    }
    if (problem.status !== 429) return sendProblem(response, problem);
    const retryAfterS = error instanceof TooManyAttempts ? error.retryAfterS : this.authenticator.retryAfterS(request.ip ?? '');
    response.setHeader('Retry-After', retryAfterS);
    sendProblem(response, { ...problem, retryAfterS });
  }

  /** What has a code was foreseen, and says all there is to say; a stack is for what was not. */
  private tell(error: unknown, { status, code, detail }: ProblemWire, request: Request): void {
    if (status < 500) return;
    const what = `${request.method} ${request.path} answered ${status} ${code} (request ${requestIdOf(request)})`;
    if (code !== 'VD_API_INTERNAL') return this.logger.warn(`${what}: ${detail}`);
    this.logger.error(what, error instanceof Error ? error.stack : String(error));
  }
}

export function sendProblem(response: Response, problem: ProblemWire): void {
  response
    .status(problem.status)
    .setHeader('Cache-Control', 'no-store')
    .setHeader('Content-Type', PROBLEM_TYPE)
    .end(JSON.stringify(problem));
}

/** What a client sees of an error. */
export function problemOf(error: unknown, request: Pick<Request, 'method' | 'path'>): ProblemWire {
  if (isConnectionLoss(error)) return row('VD_API_UNAVAILABLE', 'PostgreSQL cannot be reached at the moment.', request);
  if (error instanceof InvalidInput) return { ...describe(error.code, error.spec, error.message, request), errors: [...error.issues] };
  if (error instanceof VedetteError) {
    return describe(error.code, { title: error.title, httpStatus: error.httpStatus, fix: error.fix ?? '' }, error.message, request);
  }
  if (error instanceof CodedError)
    return describe(error.code, { title: error.code, httpStatus: 422, fix: error.fix ?? '' }, error.message, request);
  if (error instanceof HttpException) return ofHttp(error, request);
  return row('VD_API_INTERNAL', 'The cause is in the log of the api role.', request);
}

function ofHttp(error: HttpException, request: Pick<Request, 'method' | 'path'>): ProblemWire {
  const status = error.getStatus();
  if (status === 404) return row('VD_API_NOT_FOUND', `${request.method} ${request.path} is not an address of this server.`, request);
  if (status === 413) return row('VD_API_TOO_LARGE', 'The body is larger than 256 kB.', request);
  if (status === 401) return describe('VD_AUTH_REQUIRED', authErrors.VD_AUTH_REQUIRED, error.message, request);
  if (status >= 500) return row('VD_API_INTERNAL', 'The cause is in the log of the api role.', request);
  if (error.cause instanceof SyntaxError) return row('VD_API_BAD_JSON', error.message, request);
  return { ...row('VD_API_REFUSED', error.message, request), status };
}

function row(code: keyof typeof apiErrors, detail: string, request: Pick<Request, 'method' | 'path'>): ProblemWire {
  return describe(code, apiErrors[code], detail, request);
}

function describe(
  code: string,
  spec: Pick<ErrorSpec, 'title' | 'httpStatus' | 'fix'>,
  detail: string,
  request: Pick<Request, 'path'>,
): ProblemWire {
  return describeProblem(code, spec, detail, request.path);
}
