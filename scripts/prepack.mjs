// npm pack and npm publish, before: builds what is missing. npm reads the name of the packed file from standard output.
import { ensureBuilt } from './lib/build.mjs';
import { main } from './lib/project.mjs';

await main(() => ensureBuilt(undefined, (text) => process.stderr.write(text)));
