import { defineConfig } from 'vitest/config';

const report = process.env.SECPLAN_TEST_REPORT;

export default defineConfig({
  // The Dagger module names the library as who installs it does.
  resolve: { alias: { secplan: new URL('./src/index.ts', import.meta.url).pathname } },
  test: {
    include: ['tests/**/*.test.ts', 'packages/*/test/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    pool: 'forks',
    maxWorkers: 2,
    restoreMocks: true,
    reporters: report === undefined ? ['default'] : ['default', 'json'],
    ...(report === undefined ? {} : { outputFile: { json: report } }),
  },
});
