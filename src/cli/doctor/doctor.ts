/**
 * `custos doctor`: everything that can be looked at without changing anything in custody, one line each, with what to do.
 * Ends with 3 if one line fails.
 */
import type { Command } from 'commander';
import { openParts, type Parts } from '../../compose/parts.ts';
import { CommandFailure, failureOf } from '../failure.ts';
import { settingOf } from '../setting.ts';
import { painted } from '../talk.ts';
import { type Finding, fail } from './finding.ts';
import * as keys from './keys.ts';
import * as machine from './machine.ts';
import * as outside from './outside.ts';

/** A look that breaks is a finding of its own. */
async function look(check: string, work: () => Finding | Promise<Finding>): Promise<Finding> {
  try {
    return await work();
  } catch (error) {
    const { code, message, next } = failureOf(error);
    return fail(check, `${code}: ${message}`, next);
  }
}

async function inside(parts: Parts): Promise<Finding[]> {
  const [first, ...more] = [
    await look('keyring', () => keys.keyring(parts.config, parts.keys)),
    await look('store', () => outside.store(parts)),
    await look('log', () => outside.log(parts)),
    await look('objects', () => outside.blob(parts)),
    await look('clock', () => outside.clock(parts)),
  ];
  return [...(first ? [first] : []), ...more, ...(await outside.media(parts))];
}

export async function doctor(_wish: object, command: Command): Promise<void> {
  const { config, talk, material } = settingOf(command);
  const findings = [
    await look('node', machine.node),
    await look('modes', () => machine.modes(config)),
    await look('seal', () => keys.seal(config)),
  ];
  try {
    const parts = await openParts(config, { material: material(), beside: true });
    try {
      findings.push(...(await inside(parts)));
    } finally {
      await parts.close({ seal: false });
    }
  } catch (error) {
    const { code, message, next } = failureOf(error);
    findings.push(fail('start', `${code}: ${message}`, next));
  }
  findings.push(
    await look('space', () => machine.space(config)),
    await look('swap', machine.swap),
    await look('core dumps', machine.coreDumps),
    await look('outbound routes', machine.routes),
    await look('doors', () => machine.doors(config)),
  );
  talk.data(
    findings.flatMap(({ check, state, says, next }) => [
      `${painted(state).padEnd(5)} ${check.padEnd(16)} ${says}`,
      ...(next === undefined ? [] : [`${' '.repeat(23)}→ ${next}`]),
    ]),
    findings,
  );
  const failed = findings.filter(({ state }) => state === 'fail');
  if (failed.length > 0) {
    throw new CommandFailure(
      3,
      'DOCTOR',
      `${failed.length} of ${findings.length} checks failed.`,
      'Do what stands behind the arrows.',
    );
  }
}
