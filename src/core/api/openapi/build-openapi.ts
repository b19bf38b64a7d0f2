import { RequestMethod, type Type } from '@nestjs/common';
import { HTTP_CODE_METADATA, METHOD_METADATA, PATH_METADATA, ROUTE_ARGS_METADATA } from '@nestjs/common/constants.js';
import { RouteParamtypes } from '@nestjs/common/enums/route-paramtypes.enum.js';
import { z } from 'zod';
import { ACCESS_METADATA } from '../auth/access.js';
import { OPERATION_METADATA, type OperationSpec } from './operation.js';
import { COMPONENTS } from './components.js';

type Json = Record<string, unknown>;
type Controller = new (...args: never[]) => object;

interface RouteArg {
  readonly schema?: z.ZodObject;
}

/** In the order of the document. */
const TAGS = [
  ...['session', 'streams', 'sources', 'imports', 'timeline', 'events', 'playback', 'clips', 'backfills'],
  ...['rules', 'retention', 'brands', 'exposure', 'system'],
];

/**
 * The OpenAPI 3.1 document, from what the routes themselves declare: their decorators and the schemas that validate them. Needs
 * no running application. Schemas are JSON Schema 2020-12, which is what 3.1 speaks.
 */
export function buildOpenApi(controllers: readonly Controller[], version: string): Json {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(COMPONENTS)) registry.add(schema, { id });
  const components = z.toJSONSchema(registry, { uri: (id) => `#/components/schemas/${id}`, io: 'output' });
  const paths: Record<string, Json> = {};
  for (const controller of controllers) {
    for (const route of routesOf(controller)) {
      const item = (paths[route.path] ??= {});
      item[route.method] = describe(route, registry);
    }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Vedette',
      version,
      description:
        'REST under /api, HLS under /streaming, live messages over WebSocket at /ws: the client sends `ClientMessage`, the server ' +
        '`ServerMessage`. Errors are application/problem+json with a code and the fix.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/' }],
    security: [{ session: [] }, { token: [] }],
    tags: TAGS.map((name) => ({ name })),
    paths: Object.fromEntries(Object.entries(paths).sort(([a], [b]) => (a < b ? -1 : 1))),
    components: {
      securitySchemes: {
        session: {
          type: 'apiKey',
          in: 'cookie',
          name: 'vedette_session',
          description: 'From POST /api/session; by TLS its name is `__Host-vedette_session`. Writing needs a same-origin page',
        },
        token: { type: 'http', scheme: 'bearer', description: 'An API token from POST /api/tokens' },
      },
      schemas: Object.fromEntries(Object.entries(components.schemas).map(([id, schema]) => [id, tidy(schema)])),
    },
  };
}

interface Route {
  readonly path: string;
  readonly method: string;
  readonly spec: OperationSpec;
  readonly status: number;
  readonly open: boolean;
  readonly params?: z.ZodObject;
  readonly query?: z.ZodObject;
  readonly body?: z.ZodObject;
}

function routesOf(controller: Controller): Route[] {
  const prefix = String(Reflect.getMetadata(PATH_METADATA, controller));
  const prototype = controller.prototype as Record<string, unknown>;
  const routes: Route[] = [];
  for (const name of Object.getOwnPropertyNames(prototype)) {
    const handler = prototype[name];
    if (typeof handler !== 'function') continue;
    const spec = Reflect.getMetadata(OPERATION_METADATA, handler) as OperationSpec | undefined;
    if (spec === undefined) continue;
    const suffix = String(Reflect.getMetadata(PATH_METADATA, handler));
    const method = RequestMethod[Reflect.getMetadata(METHOD_METADATA, handler) as number] ?? 'GET';
    const args = (Reflect.getMetadata(ROUTE_ARGS_METADATA, controller as Type, name) ?? {}) as Record<string, RouteArg>;
    const schemaOf = (kind: number): z.ZodObject | undefined =>
      Object.entries(args).find(([key]) => key.startsWith(`${kind}:`))?.[1].schema;
    routes.push({
      path: `/${prefix}/${suffix}`
        .replace(/\/+/g, '/')
        .replace(/(.)\/$/, '$1')
        .replace(/:(\w+)/g, '{$1}'),
      method: method.toLowerCase(),
      spec,
      status: spec.status ?? (Reflect.getMetadata(HTTP_CODE_METADATA, handler) as number | undefined) ?? (method === 'POST' ? 201 : 200),
      open: Reflect.getMetadata(ACCESS_METADATA.open, handler) === true,
      params: schemaOf(RouteParamtypes.PARAM),
      query: schemaOf(RouteParamtypes.QUERY),
      body: schemaOf(RouteParamtypes.BODY),
    });
  }
  return routes;
}

function describe(route: Route, registry: z.core.$ZodRegistry<{ id: string }>): Json {
  const problem = { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } };
  const takesInput = route.params !== undefined || route.query !== undefined || route.body !== undefined;
  const problems = new Map<string, string>([
    ...(takesInput ? [['400', 'Not valid'] as const] : []),
    ...(route.open ? [] : [['401', 'Not signed in'] as const, ['403', 'Not allowed'] as const]),
    ...Object.entries(route.spec.problems ?? {}),
  ]);
  const media =
    route.spec.produces?.map((type): [string, Json] => [type, {}]) ??
    (route.spec.response === undefined
      ? undefined
      : [['application/json', { schema: inline(route.spec.response, registry, 'output') }] as [string, Json]]);
  return {
    operationId: route.spec.id,
    tags: [route.spec.tag],
    summary: route.spec.summary,
    ...(route.open ? { security: [] } : {}),
    ...parameters(route),
    ...(route.spec.consumes === undefined
      ? {}
      : { requestBody: { required: false, content: Object.fromEntries(route.spec.consumes.map((type) => [type, {}])) } }),
    ...(route.body === undefined
      ? {}
      : { requestBody: { required: true, content: { 'application/json': { schema: inline(route.body, registry, 'input') } } } }),
    responses: {
      [route.status]: { description: route.spec.summary, ...(media === undefined ? {} : { content: Object.fromEntries(media) }) },
      ...Object.fromEntries([...problems].map(([status, description]) => [status, { description, content: problem }])),
    },
  };
}

function parameters(route: Route): Json {
  const of = (place: 'path' | 'query', schema: z.ZodObject | undefined): Json[] =>
    Object.entries(schema?.shape ?? {}).map(([name, field]) => ({
      name,
      in: place,
      required: place === 'path' || !(field as z.ZodType).safeParse(undefined).success,
      schema: tidy(z.toJSONSchema(field as z.ZodType, { io: 'input', unrepresentable: 'any' })),
    }));
  const all = [...of('path', route.params), ...of('query', route.query)];
  return all.length === 0 ? {} : { parameters: all };
}

/** A schema in place, with references to the named ones inside it. */
function inline(schema: z.ZodType, registry: z.core.$ZodRegistry<{ id: string }>, io: 'input' | 'output'): Json {
  const known = registry.get(schema);
  if (known !== undefined) return { $ref: `#/components/schemas/${known.id}` };
  const full = z.toJSONSchema(schema, { io, metadata: registry, unrepresentable: 'any' }) as Json;
  return tidy(rename(full) as Json);
}

/** Named schemas are components of the document, not definitions of each place. */
function rename(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(rename);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => key !== '$defs')
      .map(([key, inner]) => [
        key,
        key === '$ref' && typeof inner === 'string' ? inner.replace('#/$defs/', '#/components/schemas/') : rename(inner),
      ]),
  );
}

function tidy(schema: unknown): Json {
  const { $schema: _, $id: __, id: ___, ...rest } = schema as Json;
  return rest;
}
