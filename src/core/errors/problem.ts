import type { ErrorSpec } from './errors.js';

/** An error as application/problem+json (RFC 9457): what a client of HTTP is told. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: string;
  readonly fix: string;
  /** Path of the request. */
  readonly instance: string;
}

export const PROBLEM_TYPE = 'application/problem+json; charset=utf-8';

export function describeProblem(
  code: string,
  { title, httpStatus, fix }: Pick<ErrorSpec, 'title' | 'httpStatus' | 'fix'>,
  detail: string,
  instance: string,
): Problem {
  return { type: `urn:vedette:error:${code}`, title, status: httpStatus, detail, code, fix, instance };
}
