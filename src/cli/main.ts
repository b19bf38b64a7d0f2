#!/usr/bin/env node
import { concealEnvironment } from '../core/config/conceal-environment.js';
import { PRIVATE_UMASK } from '../core/runtime/file-modes.js';

const NO_DEMO = '--no-demo';

process.umask(PRIVATE_UMASK);
concealEnvironment();
// Loaded late: a start that begins anew has not read everything for nothing.
const { takeHandOver } = await import('../core/config/hand-over.js');
takeHandOver();
const args = process.argv.slice(2);
// It stays for as long as everything runs: without the other commands, and what they need of the framework (ADR 29).
if (args.every((arg) => arg === 'up' || arg === NO_DEMO)) await (await import('./up/run-up.js')).runUp({ demo: !args.includes(NO_DEMO) });
else await (await import('./command-line.js')).runCommandLine();
