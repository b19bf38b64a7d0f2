import { machine } from './machine.js';
import { runP15 } from './p15-backlog.js';
import { runP8 } from './p8-capacity.js';
import { runP9 } from './p9-cost-growth.js';
import { runP10 } from './p10-result-rows.js';
import { runP7 } from './p7-queue-efficiency.js';
import { type Backend, type Figure, type ScaleOptions, scaleOptions, USAGE } from './scale-options.js';
import { Stack } from './stack.js';

const RUNS: Readonly<Record<Figure, (stack: Stack, backend: Backend, options: ScaleOptions) => Promise<string[]>>> = {
  P7: runP7,
  P8: runP8,
  P9: runP9,
  P10: runP10,
  P15: runP15,
};

const options = readOptions();
// Whatever ends this ends the servers it started: they are told when the process exits.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
const stack = await Stack.start(options.backends, options.statements);
try {
  console.log(await machine(stack));
  for (const figure of options.figures) {
    for (const backend of options.backends) {
      for (const line of await RUNS[figure](stack, backend, options)) console.log(line);
      if (options.statements) for (const line of await stack.statements()) console.log(line);
    }
  }
} finally {
  await stack.stop();
}

function readOptions(): ScaleOptions {
  if (process.argv.includes('--help')) {
    console.log(USAGE);
    process.exit(0);
  }
  try {
    return scaleOptions(process.argv.slice(2));
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${USAGE}`);
    process.exit(2);
  }
}
