/** Two projects: `pure` needs nothing but Node; `service` starts real servers once (test/servers/setup.ts). */
import { defineConfig } from 'vitest/config';

const pure = ['arch', 'crypto', 'domain', 'log', 'verify', 'keys'].map(
  (folder) => `test/${folder}/**/*.test.ts`,
);

export default defineConfig({
  test: {
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    projects: [
      { extends: true, test: { name: 'pure', include: pure } },
      {
        extends: true,
        test: {
          name: 'service',
          include: ['test/**/*.test.ts'],
          exclude: pure,
          globalSetup: 'test/servers/setup.ts',
        },
      },
    ],
  },
});
