import type { ZodType } from 'zod';

type Definition = {
  readonly type: string;
  readonly innerType?: ZodType;
  readonly in?: ZodType;
  readonly element?: ZodType;
  readonly valueType?: ZodType;
  readonly catchall?: ZodType;
  readonly options?: readonly ZodType[];
};
type ObjectSchema = ZodType & { readonly shape: Readonly<Record<string, ZodType>> };

/** A key of a schema that holds a value, not a further group of keys. */
export interface ConfigKey {
  readonly path: readonly string[];
  readonly schema: ZodType;
  readonly kind: 'string' | 'number' | 'boolean' | 'enum' | 'composite';
  readonly secret: boolean;
  readonly description: string;
}

/** Reads structure only through `_zod.def`, so that schemas made by another copy of zod are understood as well. */
const definitionOf = (schema: ZodType): Definition => (schema as unknown as { _zod: { def: Definition } })._zod.def;

/** The schema under defaults, optionality and transforms: what a person writes. */
export function writtenForm(schema: ZodType): ZodType {
  const { type, innerType, in: input } = definitionOf(schema);
  if (innerType !== undefined && ['default', 'prefault', 'optional', 'nullable', 'readonly', 'catch'].includes(type))
    return writtenForm(innerType);
  return type === 'pipe' && input !== undefined ? writtenForm(input) : schema;
}

const isObject = (schema: ZodType): schema is ObjectSchema => definitionOf(schema).type === 'object';

/** Every key of an object schema, depth first, in the order written. */
export function configKeys(schema: ZodType, path: readonly string[] = []): ConfigKey[] {
  const written = writtenForm(schema);
  if (isObject(written)) return Object.entries(written.shape).flatMap(([key, child]) => configKeys(child, [...path, key]));
  const { type } = definitionOf(written);
  const kind = type === 'string' || type === 'number' || type === 'boolean' || type === 'enum' ? type : 'composite';
  const meta = schema.meta?.();
  const isSecret = [meta, written.meta?.()].some((facts) => facts?.secret === true);
  return [{ path, schema, kind, secret: isSecret, description: meta?.description ?? '' }];
}

/** Paths of the keys that hold a secret, in whichever form of a schema that has several. */
export function secretPaths(schema: ZodType): (readonly string[])[] {
  const { type, options = [] } = definitionOf(writtenForm(schema));
  const forms = type === 'union' ? options : [schema];
  const paths = forms.flatMap((form) => configKeys(form)).filter(({ secret }) => secret);
  return [...new Map(paths.map(({ path }) => [path.join('.'), path])).values()];
}

/** The keys a schema knows at a path, for "did you mean"; empty where any key goes. */
export function knownKeys(schema: ZodType, path: readonly PropertyKey[]): string[] {
  const written = writtenForm(schema);
  const definition = definitionOf(written);
  const [head, ...rest] = path;
  if (head === undefined) return isObject(written) ? Object.keys(written.shape) : [];
  const next = isObject(written) ? written.shape[String(head)] : (definition.element ?? definition.valueType);
  return next === undefined ? [] : knownKeys(next, rest);
}

/**
 * Keys of `value` that `schema` does not know, at any depth, whether or not the schema itself is strict.
 * @example unknownKeys(z.object({ a: z.number() }), { a: 1, b: 2 }) // [['b']]
 */
export function unknownKeys(schema: ZodType, value: unknown, path: readonly PropertyKey[] = []): PropertyKey[][] {
  const written = writtenForm(schema);
  const { type, element, valueType, catchall } = definitionOf(written);
  if (value === null || typeof value !== 'object') return [];
  if (isObject(written)) {
    const open = catchall !== undefined && definitionOf(catchall).type !== 'never';
    return Object.entries(value).flatMap(([key, child]) => {
      const known = Object.hasOwn(written.shape, key) ? written.shape[key] : undefined;
      if (known !== undefined) return unknownKeys(known, child, [...path, key]);
      return open ? [] : [[...path, key]];
    });
  }
  const child = type === 'array' ? element : type === 'record' ? valueType : undefined;
  return child === undefined ? [] : Object.entries(value).flatMap(([key, item]) => unknownKeys(child, item, [...path, key]));
}
