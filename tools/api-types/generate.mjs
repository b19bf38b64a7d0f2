// Writes frontend/src/app/api/schema.ts from docs/reference/openapi.json. A test compares the file with what this makes.
import { readFileSync, writeFileSync } from 'node:fs';
import { apiTypes } from './api-types.mjs';

const inRoot = (path) => new URL(`../../${path}`, import.meta.url);
const document = JSON.parse(readFileSync(inRoot('docs/reference/openapi.json'), 'utf8'));
writeFileSync(inRoot('frontend/src/app/api/schema.ts'), await apiTypes(document));
