import { Injectable } from '@nestjs/common';
import type { Actor } from '../../audit/actor.js';
import { RefusalRecord } from '../../persistence/access/refusal-record.js';

/** Not being signed in is no attempt at anything: every page asks once to find out. */
const NO_ATTEMPT = new Set(['VD_AUTH_REQUIRED']);
const REFUSED = new Set([401, 403, 429]);

/** An error that the API answered. */
export interface ErrorAnswer {
  readonly code: string;
  /** HTTP status. */
  readonly status: number;
  /** Of what was asked for, without the query. */
  readonly path: string;
  readonly by: Actor;
}

/** Finds the refusals among the errors that the API answers: failed sign-ins, missing permissions, too many attempts. */
@Injectable()
export class ApiRefusals {
  constructor(private readonly record: RefusalRecord) {}

  add({ code, status, path, by }: ErrorAnswer): void {
    if (REFUSED.has(status) && !NO_ATTEMPT.has(code)) this.record.add({ action: 'auth.refused', code, path, by });
  }
}
