import { StandardSchemaValidationPipe } from '@nestjs/common';
import { apiErrors } from '../../errors/api.errors.js';
import { VedetteError, type ErrorSpec } from '../../errors/errors.js';
import { pluginErrors } from '../../errors/plugin.errors.js';

export interface InputIssue {
  readonly path: string;
  readonly message: string;
}

const LISTED = 20;
const REFUSALS = { ...apiErrors, ...pluginErrors };

/** A request that its schema refuses, field by field. */
export class InvalidInput extends VedetteError {
  constructor(
    readonly issues: readonly InputIssue[],
    code: keyof typeof REFUSALS = 'VD_API_INVALID',
    readonly spec: ErrorSpec = REFUSALS[code],
  ) {
    super(code, spec, issues.map((issue) => (issue.path === '' ? issue.message : `${issue.path}: ${issue.message}`)).join('; '));
  }
}

/** Where a Standard Schema found fault, as dotted paths. */
export function issuesOf(
  issues: readonly { readonly message: string; readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined }[],
): InputIssue[] {
  return issues.slice(0, LISTED).map((issue) => ({
    path: (issue.path ?? []).map((segment) => String(typeof segment === 'object' ? segment.key : segment)).join('.'),
    message: issue.message,
  }));
}

/** Validates what routes declare by `@Body({ schema })`, `@Query({ schema })` and `@Param({ schema })`. */
export class SchemaPipe extends StandardSchemaValidationPipe {
  constructor() {
    super({ exceptionFactory: (issues) => new InvalidInput(issuesOf(issues)) });
  }
}
