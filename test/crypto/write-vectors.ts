/** `node test/crypto/write-vectors.ts` writes the vectors into the pages of docs/formats, after a change of format. */
import { writeFileSync } from 'node:fs';
import { keyringVectors } from '../keys/keyring-vectors.ts';
import { pagePath, withVectors } from './doc-vectors.ts';
import { envelopeVectors } from './envelope-vectors.ts';

writeFileSync(pagePath('envelope.md'), withVectors('envelope.md', await envelopeVectors()));
writeFileSync(pagePath('keyring.md'), withVectors('keyring.md', await keyringVectors()));
