import { SetMetadata } from '@nestjs/common';
import type { z } from 'zod';

/** What the OpenAPI document says of a route beyond its path, method and validated inputs. */
export interface OperationSpec {
  /** Unique; the name of the generated function. */
  readonly id: string;
  readonly summary: string;
  readonly tag: string;
  /** Body of the success; absent for 204. */
  readonly response?: z.ZodType;
  readonly status?: number;
  /** Problems worth naming, by status; 400, 401, 403 and 500 go without saying. */
  readonly problems?: Readonly<Record<number, string>>;
  /** Media types of a request body that is not JSON. */
  readonly consumes?: readonly string[];
  /** Media types of a response that is not JSON. */
  readonly produces?: readonly string[];
}

export const OPERATION_METADATA = Symbol.for('vedette.api.operation');

/** Describes a route for the OpenAPI document. Routes without it stay out of the document. */
export const Operation = (spec: OperationSpec): MethodDecorator => SetMetadata(OPERATION_METADATA, spec);
