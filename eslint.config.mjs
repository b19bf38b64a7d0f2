import js from '@eslint/js';
import tseslint from 'typescript-eslint';

/** Rules that a machine can hold; what needs judgement is in CONTRIBUTING.md. Layout is prettier's. */
const PRIVATE_BY_KEYWORD = { selector: 'PrivateIdentifier', message: 'Members are private by the keyword `private`.' };

/** `(error as Error).message`, `error instanceof Error ? error.message : String(error)`: not all that is thrown is an Error. */
const MESSAGE_BY_HAND = [
  "MemberExpression[property.name='message'][object.type='TSAsExpression'][object.typeAnnotation.typeName.name='Error']",
  "ConditionalExpression[test.right.name='Error'][alternate.callee.name='String'][consequent.property.name='message']",
].map((selector) => ({ selector, message: 'Use errorText() of the plugin API.' }));

export default tseslint.config(
  {
    ignores: [
      '**/dist/',
      '**/node_modules/',
      'data/',
      'media/',
      'build/',
      '**/.angular/',
      'frontend/src/app/api/schema.ts',
      'test/fixtures/generated/',
    ],
  },
  js.configs.recommended,
  {
    files: ['**/*.{ts,mts}'],
    extends: [...tseslint.configs.recommended, ...tseslint.configs.stylistic],
    languageOptions: {
      parserOptions: {
        project: ['./tsconfig.json', './frontend/tsconfig.app.json', './frontend/tsconfig.spec.json', './frontend/tsconfig.dev.json'],
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      // A promise nobody waits for is an error nobody sees.
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: { arguments: false, attributes: false, properties: false } }],
      '@typescript-eslint/only-throw-error': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/no-explicit-any': 'off', // the plugin API's definitions are generic over configs it cannot know
      '@typescript-eslint/no-extraneous-class': 'off', // Nest modules
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/consistent-type-definitions': 'off',
      '@typescript-eslint/no-empty-function': 'off',
      '@typescript-eslint/prefer-for-of': 'off',
      'no-restricted-syntax': ['error', PRIVATE_BY_KEYWORD],
      'no-control-regex': 'off', // foreign bytes are our trade
      '@typescript-eslint/consistent-indexed-object-style': 'off', // recursive types need the signature
      eqeqeq: ['error', 'always', { null: 'ignore' }],
    },
  },
  {
    files: ['src/**/*.ts'],
    ignores: ['src/core/config/**', 'src/**/*.spec.ts', 'src/**/*.contract.ts', 'src/**/testing/**'],
    rules: {
      'no-restricted-properties': [
        'error',
        { object: 'process', property: 'env', message: 'The environment is read in src/core/config only; inject VEDETTE_CONFIG.' },
      ],
      'no-console': 'error', // LOGGER redacts
    },
  },
  {
    // Test files run side by side.
    files: ['test/**/*.ts'],
    ignores: ['test/bench/**'],
    rules: {
      'no-restricted-imports': [
        'error',
        { patterns: [{ regex: '/free-port\\.js$', message: 'What is free now may be taken by another file: reservePort().' }] },
      ],
      'no-restricted-syntax': [
        'error',
        PRIVATE_BY_KEYWORD,
        {
          selector: "NewExpression[callee.property.name='Pool']",
          message: 'A dropped database ends idle connections, and a pool that nobody listens to throws: createPool().',
        },
      ],
    },
  },
  {
    files: ['src/**/*.ts'],
    // probe-child.ts imports nothing of this project.
    ignores: ['src/core/plugin-api/error.ts', 'src/core/inference/probe-child.ts', 'src/**/*.spec.ts', 'src/**/testing/**'],
    rules: { 'no-restricted-syntax': ['error', PRIVATE_BY_KEYWORD, ...MESSAGE_BY_HAND] },
  },
  {
    // Built-ins get no private doors: what they import is what anyone can.
    files: ['src/adapters/**/*.ts', 'src/plugins/**/*.ts', 'plugins-examples/*/src/**/*.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        { patterns: [{ regex: '(^|/)core/|(^|/)main\\.js$', message: "Import from 'vedette/plugin' (or 'vedette/testing' in tests)." }] },
      ],
    },
  },
  {
    files: ['**/*.{mjs,cjs,js}'],
    languageOptions: {
      sourceType: 'module',
      globals: {
        process: 'readonly',
        console: 'readonly',
        performance: 'readonly',
        URL: 'readonly',
        setTimeout: 'readonly',
        clearTimeout: 'readonly',
        setInterval: 'readonly',
        clearInterval: 'readonly',
        Buffer: 'readonly',
        fetch: 'readonly',
        document: 'readonly',
      },
    },
  },
  {
    files: ['**/*.cjs'],
    languageOptions: { sourceType: 'commonjs', globals: { module: 'writable', require: 'readonly', __dirname: 'readonly' } },
  },
);
