/** Puts what is no code beside the built code: the demonstration's own clip. */
import { copyFileSync } from 'node:fs';

copyFileSync('src/cli/demo/test-pattern.webm', 'dist/cli/demo/test-pattern.webm');
