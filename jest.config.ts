import type { Config } from 'jest';

const shared = {
  extensionsToTreatAsEsm: ['.ts'],
  testEnvironment: 'node',
  setupFiles: ['<rootDir>/test/support/load-nest.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: {
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: false },
          target: 'es2023',
          keepClassNames: true,
        },
        module: { type: 'es6', ignoreDynamic: true },
      },
    ],
  },
} satisfies Config;

// TypeScript's imports name the .js file that a .ts file becomes.
const typescriptByJsName = { '^(\\.{1,2}/.*)\\.js$': '$1' };

const config: Config = {
  // On two cores: much of the time of end-to-end specs is waiting for processes, drains and timeouts.
  maxWorkers: 3,
  // End-to-end specs start servers; Jest takes this for all projects only.
  testTimeout: 30_000,
  coverageProvider: 'v8',
  projects: [
    {
      ...shared,
      displayName: 'unit',
      roots: ['<rootDir>/src', '<rootDir>/schematics'],
      setupFiles: ['<rootDir>/test/support/load-nest.ts'],
      testMatch: ['**/*.spec.ts'],
      moduleNameMapper: typescriptByJsName,
    },
    {
      ...shared,
      displayName: 'e2e',
      roots: ['<rootDir>/test'],
      testMatch: ['**/*.e2e-spec.ts'],
      globalSetup: '<rootDir>/test/support/global-setup.ts',
      globalTeardown: '<rootDir>/test/support/global-teardown.ts',
      // The specs test the built product: only `nest build` runs the compiler plugin that @nestjs/swagger needs.
      moduleNameMapper: { '^(?:\\.\\./)+src/(.*\\.js)$': '<rootDir>/dist/$1', ...typescriptByJsName },
    },
    {
      ...shared,
      displayName: 'generator',
      roots: ['<rootDir>/test/generator'],
      testMatch: ['**/*.spec.ts'],
      moduleNameMapper: typescriptByJsName,
    },
  ],
};

export default config;
