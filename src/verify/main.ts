/** The verifier by itself: `node main.ts FILE --trust POLICY`. Works when this folder is copied away (L10.1). */
import { verifyCommand } from './command.ts';

process.exitCode = await verifyCommand(process.argv.slice(2), process);
