/**
 * `custos start`: the service until it is told to end (reliability.md 6). A signal, a refused log or a fault that nobody
 * caught all end it the same way: no new requests, the running ones get 10 s, the log is signed, the keys are forgotten.
 */
import type { Command } from 'commander';
import { sealTerms } from '../keys/unseal.ts';
import { composeService, type Service } from '../main.ts';
import { CommandFailure } from './failure.ts';
import { giveBackMemory } from './memory.ts';
import { secretLines, settingOf } from './setting.ts';

/** Resolves with the exit code once the service is to end. */
function untilEnd(service: Service): Promise<0 | 1 | 3> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve(0));
    for (const fault of ['unhandledRejection', 'uncaughtException'] as const) {
      process.on(fault, (error: unknown) => {
        service.log.fault(error);
        resolve(1);
      });
    }
    void service.ended.then(() => resolve(3));
  });
}

export async function start(wish: { readonly ask?: boolean }, command: Command): Promise<void> {
  const { config, talk, material } = settingOf(command);
  const kind = sealTerms(config.keys.folder)?.kind;
  let given = material();
  if (!given && wish.ask && (kind === 'shares' || kind === 'passphrase')) {
    talk.say(
      kind === 'shares'
        ? 'Type the shares, one a line, and end with Ctrl-D.'
        : 'Type the passphrase, and end with Ctrl-D.',
    );
    const lines = secretLines('-');
    given = kind === 'shares' ? { kind, shares: lines } : { kind, passphrase: lines[0] ?? '' };
  }
  const service = await composeService(config, { material: given });
  const end = untilEnd(service);
  giveBackMemory();
  const { url, healthUrl } = await service.start().catch(async (error: unknown) => {
    await service.close(0);
    throw error;
  });
  service.log.event('started', { url, healthUrl });
  talk.say(`Listening on ${url}; health on ${healthUrl}.`);
  const code = await end;
  talk.say('Ending: requests may finish, then the log is signed.');
  await service.close();
  service.log.event('stopped', { code });
  if (code === 3) {
    const why = await service.ended;
    throw new CommandFailure(
      3,
      why.slice(0, why.indexOf(':')),
      why,
      'Run `custos doctor`; nothing starts until the log is as it was signed.',
    );
  }
  if (code === 1)
    throw new CommandFailure(
      1,
      'FAULT',
      'A fault ended the service; the application log has its stack.',
      'Start again, and report it.',
    );
}
