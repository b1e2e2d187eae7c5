/** What the second thread of the command runs: the chains and maps of one full log, then it ends. */
import { keepFarChains } from './far-chains.ts';
import { nodeHashes, threadLane } from './node.ts';

keepFarChains(nodeHashes, threadLane());
