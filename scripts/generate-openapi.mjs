// Writes docs/reference/openapi.json from the built API: `npm run build:server && node scripts/generate-openapi.mjs`.
// A test compares the file with what the API serves.
import { readFileSync, writeFileSync } from 'node:fs';
import 'reflect-metadata';

const { apiControllers, buildOpenApi } = await import('../dist/core/api/index.js');
const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
const target = new URL('../docs/reference/openapi.json', import.meta.url);
writeFileSync(target, JSON.stringify(buildOpenApi(apiControllers, version), null, 2) + '\n');
