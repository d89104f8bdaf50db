import type { Config } from 'jest';

const config: Config = {
  displayName: 'delivery',
  rootDir: '../..',
  roots: ['<rootDir>/test/delivery'],
  testMatch: ['**/*.delivery-spec.ts'],
  testEnvironment: 'node',
  testTimeout: 120_000,
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { parser: { syntax: 'typescript' }, target: 'es2023' }, module: { type: 'es6' } },
    ],
  },
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
};

export default config;
