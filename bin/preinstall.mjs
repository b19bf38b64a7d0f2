// Runs where Vedette is installed as a dependency, before the install scripts of what it depends on.
//
// onnxruntime-node would fetch parts for CUDA from elsewhere, some hundred megabytes, and fails the whole installation where that cannot be
// reached. Vedette infers by the CPU backend, which is in the package: it asks for nothing more. ONNXRUNTIME_NODE_INSTALL=cuda12 still has
// them fetched, as onnxruntime-node documents it.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const WANTS_CUDA = "'linux/x64': ['cuda12']";

try {
  const installed = dirname(createRequire(import.meta.url).resolve('onnxruntime-node/package.json'));
  const requirements = join(installed, 'script', 'install-metadata.js');
  if (process.env.ONNXRUNTIME_NODE_INSTALL === undefined && existsSync(requirements))
    writeFileSync(requirements, readFileSync(requirements, 'utf8').replace(WANTS_CUDA, "'linux/x64': []"));
} catch {
  // Not there yet, or not to be written to: its own script says what it misses.
}
