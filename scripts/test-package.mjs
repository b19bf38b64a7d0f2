// npm run test:package: packs Vedette and an example, installs both in an empty folder by the registry alone, compiles against them as
// strictly as TypeScript can, and has the example loaded by its name. Takes some minutes, mostly of the registry.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureBuilt } from './lib/build.mjs';
import { ensureDependencies } from './lib/dependencies.mjs';
import { main, npm, PINNED_NODE, projectEnvironment, Refusal, ROOT, run } from './lib/project.mjs';

const { devDependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
/** As a consumer sets them. */
const RESOLUTIONS = [
  ['NodeNext', 'NodeNext'],
  ['ESNext', 'Bundler'],
];
const STRICT = { strict: true, skipLibCheck: false, noEmit: true, types: ['node'], target: 'ES2024', lib: ['ES2024'] };
const PLUGIN = `import { defineAnalyzer, definePlugin, z } from 'vedette/plugin';
const analyzer = defineAnalyzer({
  id: 'own.look', version: '1.0.0', title: 'Look', queue: 'default', solves: ['visual-quality'], config: z.object({}),
  input: { sampling: { fps: 1 }, frame: { widthPx: 64, heightPx: 36, fit: 'stretch', format: 'gray8' } },
  create: () => ({ process: (frames, emit) => frames.forEach(({ ptsUs }) => emit({ type: 'metric', ptsUs, name: 'one', value: 1, unit: '1' })) }),
});
export default definePlugin({ id: 'own', version: '1.0.0', api: '^1.0.0', analyzers: [analyzer] });
`;

await main(async () => {
  await ensureDependencies();
  await ensureBuilt();
  const folder = mkdtempSync(join(tmpdir(), 'vedette-package-'));
  try {
    const must = async (what, work) => {
      process.stdout.write(`${what} …\n`);
      const { code, output } = await work;
      if (code !== 0) throw new Refusal(`${what} ended with ${code}\n${output}`);
      return output;
    };
    const env = projectEnvironment({ npm_config_cache: undefined });
    const npmIn = (...args) => npm(['--prefix', folder, ...args], { env, quiet: true });
    const packed = async (...args) => {
      const output = await must(`Packing ${args[0] ?? 'Vedette'}`, npm(['pack', '--silent', '--pack-destination', folder, ...args.flatMap((name) => ['--workspace', name])], { env, quiet: true })); // prettier-ignore
      return join(folder, output.trim().split('\n').at(-1));
    };
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'consumer', private: true, type: 'module' }));
    await must('Building the example', npm(['run', 'build', '--workspace', 'vedette-plugin-hello'], { env, quiet: true }));
    const tarballs = [await packed(), await packed('vedette-plugin-hello')];
    const tools = ['typescript', '@types/node'].map((name) => `${name}@${devDependencies[name]}`);
    await must('Installing them in an empty folder', npmIn('install', '--no-audit', '--no-fund', ...tarballs, ...tools));

    writeFileSync(join(folder, 'own.ts'), PLUGIN);
    const tsc = join(folder, 'node_modules/typescript/bin/tsc');
    for (const [module, moduleResolution] of RESOLUTIONS) {
      const compilerOptions = { ...STRICT, module, moduleResolution };
      writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['own.ts'] }));
      await must(`Compiling with ${moduleResolution}`, run(PINNED_NODE, [tsc, '-p', folder], { env, quiet: true }));
    }
    const config = join(folder, 'vedette.config.yaml');
    writeFileSync(config, 'plugins:\n  - use: vedette-plugin-hello\n');
    const doctor = run(PINNED_NODE, [join(folder, 'node_modules/vedette/bin/vedette.mjs'), 'doctor'], {
      env: { ...env, VEDETTE_CONFIG: config, VEDETTE_DATA_DIR: join(folder, 'data') },
      cwd: folder,
      quiet: true,
    });
    process.stdout.write('Loading the example by its name …\n');
    const { output } = await doctor;
    if (!/plugins\b.*\bhello\b/.test(output)) throw new Refusal(`The doctor knows no plugin hello:\n${output}`);
    process.stdout.write('All of it works.\n');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
