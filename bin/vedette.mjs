#!/usr/bin/env node
// Must parse on any Node.js: an old one has to be told so in words, not by a syntax error.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 22)) {
  process.stderr.write(
    `VD_BOOT_NODE_TOO_OLD\n  This is Node.js ${process.versions.node}; Vedette needs 22.22.3 or newer.\n  To mend it: run \`npm start\` in the project, which brings the right one along, or install it.\n`,
  );
  process.exit(10);
}
await import('../dist/cli/main.js');
