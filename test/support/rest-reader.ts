import { expect } from 'vitest';
import type { z } from 'zod';
import { problemWire } from '../../src/core/wire/wire.js';
import type { ApiApp } from './api-app.js';

/** What the API answers when it refuses; `paths` are those of the fields it refuses. */
export interface RestRefusal {
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly fix?: string | undefined;
  readonly paths: string[];
}

/** REST as somebody who is signed in by a cookie. */
export class RestReader {
  constructor(
    private readonly api: ApiApp,
    private readonly cookie: string,
  ) {}

  /** The body, compared with its schema: a field too many fails as one too few does. */
  async get<T extends z.ZodType>(path: string, schema: T): Promise<z.output<T>> {
    const response = await this.api.call('GET', path, { cookie: this.cookie });
    const body: unknown = await response.json();
    expect([path, response.status, JSON.stringify(body).slice(0, 300)]).toEqual([path, 200, expect.any(String)]);
    return schema.parse(body);
  }

  async refusal(method: string, path: string, options: Parameters<ApiApp['call']>[2] = { cookie: this.cookie }): Promise<RestRefusal> {
    const response = await this.api.call(method, path, options);
    expect(response.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
    const problem = problemWire.strict().parse(await response.json());
    expect(problem.status).toBe(response.status);
    return { ...problem, paths: (problem.errors ?? []).map((error) => error.path) };
  }
}
