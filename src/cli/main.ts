#!/usr/bin/env node
import { concealEnvironment } from '../core/config/conceal-environment.js';
import { PRIVATE_UMASK } from '../core/runtime/file-modes.js';

process.umask(PRIVATE_UMASK);
concealEnvironment();
// Loaded late: a start that begins anew has not read everything for nothing.
const [{ takeHandOver }, { runCommandLine }] = await Promise.all([import('../core/config/hand-over.js'), import('./command-line.js')]);
takeHandOver();
await runCommandLine();
