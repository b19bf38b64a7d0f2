import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { apiControllers, buildOpenApi } from '../../src/core/api/index.js';
import { apiTypes } from '../../tools/api-types/api-types.mjs';
import { ApiApp } from '../support/api-app.js';

const ROOT = new URL('../../', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, ROOT), 'utf8');

interface Document {
  openapi: string;
  paths: Record<string, Record<string, { operationId: string; responses: Record<string, unknown> }>>;
  components: { schemas: Record<string, unknown> };
}

describe('the OpenAPI document', () => {
  let api: ApiApp;
  beforeAll(async () => {
    api = await ApiApp.start();
  });
  afterAll(() => api.stop());

  const committed = JSON.parse(read('docs/reference/openapi.json')) as Document;
  const { version } = JSON.parse(read('package.json')) as { version: string };

  it('is committed as it is served', async () => {
    const served: unknown = await (await api.call('GET', '/api/openapi.json', { cookie: await api.signIn() })).json();
    expect(served, 'run: npm run docs:api').toEqual(committed);
    expect(JSON.parse(JSON.stringify(buildOpenApi(apiControllers, version)))).toEqual(committed);
  });

  it("is what the dashboard's types are made of", async () => {
    expect(read('frontend/src/app/api/schema.ts'), 'run: npm run docs:api').toBe(await apiTypes(committed));
  });

  it('describes every route that there is, once', () => {
    const described = Object.entries(committed.paths).flatMap(([path, item]) =>
      Object.keys(item).map((method) => `${method.toUpperCase()} ${path}`),
    );
    const router = api.app.getHttpAdapter().getInstance() as {
      router: { stack: { route?: { path: string; methods: Record<string, boolean> } }[] };
    };
    const served = router.router.stack.flatMap(({ route }) =>
      route === undefined
        ? []
        : Object.keys(route.methods).map((method) => `${method.toUpperCase()} ${route.path.replace(/:(\w+)/g, '{$1}')}`),
    );
    expect(new Set(described)).toEqual(new Set(served.filter((route) => !route.startsWith('HEAD '))));
    const ids = Object.values(committed.paths).flatMap((item) => Object.values(item).map((operation) => operation.operationId));
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('refers only to schemas that it has', () => {
    const references = [...JSON.stringify(committed).matchAll(/"\$ref":"([^"]+)"/g)].map((match) => match[1] ?? '');
    expect(references.length).toBeGreaterThan(20);
    for (const reference of references)
      expect(Object.keys(committed.components.schemas)).toContain(/^#\/components\/schemas\/(\w+)$/.exec(reference)?.[1]);
  });

  it('has the messages of the WebSocket', () => {
    expect(committed.openapi).toMatch(/^3\.1\./);
    expect(Object.keys(committed.components.schemas)).toEqual(expect.arrayContaining(['ServerMessage', 'ClientMessage', 'Problem']));
  });
});
