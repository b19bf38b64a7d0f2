/** Requests for every route of an OpenAPI document, in each of which one value is hostile and the rest is as it should be. */
export interface HostileRequest {
  readonly operationId: string;
  readonly method: string;
  readonly path: string;
  readonly body?: string;
  /** Which value, and what it is. */
  readonly what: string;
}

export interface OpenApiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, OpenApiOperation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}
interface OpenApiOperation {
  readonly operationId: string;
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: 'path' | 'query';
    readonly required: boolean;
    readonly schema: Schema;
  }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema?: Schema }>> };
}
interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly Schema[];
  readonly format?: string;
  readonly minimum?: number;
  readonly minLength?: number;
  readonly minItems?: number;
  readonly items?: Schema;
  readonly prefixItems?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
}

/** What nobody means, and what databases, clocks and parsers have no room for. */
const TEXTS = [
  '\0',
  'a\0b',
  '\ud800',
  '',
  'x'.repeat(7_000),
  '9223372036854775807',
  '9223372036854775808',
  '-9223372036854775809',
  '9999999999999999999',
  '999999999999999999',
  '9'.repeat(400),
  '9999999999999999999.9999999999999999999.1',
  '1.9223372036854775808',
  '0001-01-01T00:00:00Z',
  '0000-01-01T00:00:00Z',
  "'; DROP TABLE audit; --",
  '../../etc/passwd',
  '__proto__',
];
const VALUES: readonly unknown[] = [
  ...TEXTS,
  null,
  true,
  -1,
  0.1,
  2 ** 53,
  -(2 ** 63),
  1e308,
  2 ** 31,
  [],
  {},
  [null],
  ['a\0'],
  { a: '\0' },
];
/** Sent as they are: escapes that are none, and bytes that are no UTF-8. */
const RAW = ['%00', 'a%00b', '%', '%zz', '%ED%A0%80', '%ff', '%2e%2e%2f'];

/** @param known values for fields by their name, where they must mean something */
export function hostileRequests(document: OpenApiDocument, known: Readonly<Record<string, unknown>>): HostileRequest[] {
  return Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).flatMap(([method, operation]) => requestsFor(document, path, method, operation, known)),
  );
}

function requestsFor(
  document: OpenApiDocument,
  path: string,
  method: string,
  operation: OpenApiOperation,
  known: Readonly<Record<string, unknown>>,
): HostileRequest[] {
  const parameters = operation.parameters ?? [];
  const schema = operation.requestBody?.content['application/json']?.schema;
  const sound = schema === undefined ? undefined : sample(document, schema, '', known);
  const value = (name: string, of: Schema): string => String(sample(document, of, name, known));
  const addressed = (hostile?: { readonly name: string; readonly raw: string }): string => {
    const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => {
      if (hostile?.name === name) return hostile.raw;
      return encodeURIComponent(value(name, parameters.find((parameter) => parameter.name === name)?.schema ?? {}));
    });
    const query = parameters.flatMap(({ name, in: place, required, schema: of }) => {
      if (place !== 'query') return [];
      if (hostile?.name === name) return [`${name}=${hostile.raw}`];
      return required ? [`${name}=${encodeURIComponent(value(name, of))}`] : [];
    });
    return query.length === 0 ? filled : `${filled}?${query.join('&')}`;
  };
  const base = { operationId: operation.operationId, method: method.toUpperCase() };
  const body = sound === undefined ? {} : { body: JSON.stringify(sound) };
  const ofParameters = parameters.flatMap(({ name }) =>
    [...TEXTS.map(escaped), ...RAW].map((raw) => ({
      ...base,
      ...body,
      path: addressed({ name, raw }),
      what: `${name}=${raw.slice(0, 60)}`,
    })),
  );
  const ofBody = schema === undefined ? [] : bodies(document, schema, sound).map((hostile) => ({ ...base, path: addressed(), ...hostile }));
  return [...ofParameters, ...ofBody];
}

/** Lone surrogates have no UTF-8: they are sent as the bytes that careless writers make of them. */
const escaped = (text: string): string => (text.isWellFormed() ? encodeURIComponent(text) : '%ED%A0%80');

function bodies(document: OpenApiDocument, schema: Schema, sound: unknown): { readonly body: string; readonly what: string }[] {
  const whole = VALUES.map((value) => ({ body: JSON.stringify(value), what: `body ${shown(value)}` }));
  const fields = fieldsOf(document, schema, []).flatMap((at) =>
    VALUES.map((value) => ({ body: JSON.stringify(placed(sound, at, value)), what: `${at.join('.')}=${shown(value)}` })),
  );
  return [...whole, ...fields, { body: '{"a":', what: 'half a body' }, { body: '{"__proto__":{"role":"admin"}}', what: '__proto__' }];
}

/** Paths to every field of an object, and of the objects in it. */
function fieldsOf(document: OpenApiDocument, schema: Schema, at: readonly string[]): (readonly string[])[] {
  const { properties = {} } = resolved(document, schema);
  return Object.entries(properties).flatMap(([name, inner]) => [[...at, name], ...fieldsOf(document, inner, [...at, name])]);
}

function placed(base: unknown, [name, ...rest]: readonly string[], value: unknown): unknown {
  if (name === undefined) return value;
  const object = typeof base === 'object' && base !== null ? (base as Record<string, unknown>) : {};
  return { ...object, [name]: placed(object[name], rest, value) };
}

function sample(document: OpenApiDocument, given: Schema, name: string, known: Readonly<Record<string, unknown>>): unknown {
  if (name in known) return known[name];
  const schema = resolved(document, given);
  if (schema.const !== undefined) return schema.const;
  if (schema.enum !== undefined) return schema.enum[0];
  if (schema.anyOf !== undefined) return sample(document, schema.anyOf[0]!, name, known);
  switch (Array.isArray(schema.type) ? (schema.type as readonly string[])[0] : schema.type) {
    case 'object':
      return Object.fromEntries((schema.required ?? []).map((key) => [key, sample(document, schema.properties?.[key] ?? {}, key, known)]));
    case 'array':
      if (schema.prefixItems !== undefined) return schema.prefixItems.map((item) => sample(document, item, '', known));
      return Array.from({ length: schema.minItems ?? 0 }, () => sample(document, schema.items ?? {}, '', known));
    case 'integer':
    case 'number':
      return Math.max(schema.minimum ?? 0, 0);
    case 'boolean':
      return true;
    default:
      if (schema.format === 'date-time') return '2026-01-01T00:00:00Z';
      return 'a'.repeat(Math.max(1, schema.minLength ?? 1));
  }
}

function resolved(document: OpenApiDocument, schema: Schema): Schema {
  return schema.$ref === undefined ? schema : document.components.schemas[schema.$ref.split('/').at(-1)!]!;
}

const shown = (value: unknown): string => JSON.stringify(value).slice(0, 60);
