import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

/** Time and chance are injected: what needs them asks the clock and the random source of `core/`. */
const timeAndChance = ['Date.now', 'Math.random', 'performance.now'].map((name) => {
  const [object, property] = name.split('.');
  return { object, property, message: `Inject it: \`${name}\` belongs to lib/core/ alone.` };
});

/** A spec that is switched off, or that switches the others off, must not land. */
const switchedOffSpecs = ['it', 'test', 'describe'].flatMap((object) =>
  ['only', 'skip', 'todo'].map((property) => ({ object, property, message: 'Every spec runs.' })),
);

export default defineConfig(
  { ignores: ['dist*/', 'coverage/', 'node_modules/', '.stryker-tmp/', '.programs/'] },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.recommended],
    languageOptions: {
      parserOptions: { project: ['./tsconfig.json', './tsconfig.legacy.json'], tsconfigRootDir: import.meta.dirname },
    },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-unused-vars': 'off',
      'no-constant-binary-expression': 'error',
      'no-promise-executor-return': 'error',
      'no-self-compare': 'error',
      'prefer-const': 'error',
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports', disallowTypeAnnotations: false }],
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/no-unnecessary-type-assertion': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/only-throw-error': 'off', // a library re-throws whatever its user threw
      '@typescript-eslint/return-await': ['error', 'error-handling-correctness-only'],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/no-explicit-any': 'off', // for specs and tools; see lib below
    },
  },
  {
    files: ['lib/**/*.ts'],
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      'no-console': 'error',
      'no-restricted-syntax': [
        'error',
        { selector: 'ExportDefaultDeclaration', message: 'Named exports only.' },
      ],
    },
  },
  {
    files: ['lib/**/*.ts'],
    ignores: ['lib/core/**'],
    rules: { 'no-restricted-properties': ['error', ...timeAndChance] },
  },
  {
    files: ['spec/**/*.ts'],
    rules: {
      '@typescript-eslint/no-empty-object-type': 'off', // `{}` is what a type test compares with
      '@typescript-eslint/no-require-imports': 'off', // how Jest loads a module once more
      '@typescript-eslint/no-unnecessary-type-assertion': 'off', // bad input is cast to what it pretends to be
      'no-restricted-properties': ['error', ...switchedOffSpecs],
      'no-restricted-globals': ['error', 'fit', 'fdescribe', 'xit', 'xtest', 'xdescribe'],
    },
  },
);
