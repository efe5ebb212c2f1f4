/** Tests run as ES modules; TypeScript is stripped by swc, types are checked by `npm run types`. */
export default {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '\\.ts$': [
      '@swc/jest',
      { jsc: { target: 'es2024', parser: { syntax: 'typescript' } }, module: { type: 'es6' } },
    ],
  },
  testMatch: ['<rootDir>/tests/**/*.test.ts'],
  // Whole files that are a part of test:full only.
  testPathIgnorePatterns: [
    '/node_modules/',
    ...(process.env.TEST_FULL === '1' ? [] : ['\\.full\\.test\\.ts$']),
  ],
  maxWorkers: 3, // one more than the cores that it is measured on: fpsync, for one, sleeps much of its time
  testTimeout: 60_000, // milliseconds: what hangs ends; how long a test takes on a busy machine is no fault of it
};
