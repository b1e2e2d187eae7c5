/**
 * The newest fault of the clock as the log tells it (R46, R47): a row names it, and only the entries of its own chain say
 * what became of it. A row that names nothing true makes no fault and clears none.
 */
import { subjectOf, uuidv7 } from '../../domain/ids.ts';
import type { Deps } from '../act.ts';
import { saidBy } from '../rights/proof.ts';

/** Name of the setting that holds the newest fault's id. */
export const faultSetting = 'clock-fault';

export interface Confirmation {
  /** `person:…` */
  readonly actor: string;
  readonly office: string;
  /** Effective time, ms UTC. */
  readonly at: number;
  /** What the wall clock said, ms UTC. */
  readonly measured: number;
}
export interface Cleared {
  readonly seq: number;
  readonly at: number;
  readonly confirmed: boolean;
  readonly measured: number;
  readonly mark: number;
}
export interface FaultFile {
  readonly id: string;
  readonly confirmations: readonly Confirmation[];
  /** Undefined while the fault lasts. */
  readonly cleared: Cleared | undefined;
}

/** Undefined where there never was a fault. Rejects with `LogUnavailable` or `ChainBroken`. */
export async function loadFault({
  reads,
  ledger,
}: Pick<Deps, 'reads' | 'ledger'>): Promise<FaultFile | undefined> {
  const setting = await reads.one('setting', { id: faultSetting });
  if (!setting || !uuidv7.test(setting.value)) return undefined;
  const said = (await ledger.chain(subjectOf('fault', setting.value), undefined)).map(({ bytes }) =>
    saidBy(bytes),
  );
  if (!said.some(({ kind }) => kind === 'clock.fault-raised')) return undefined;
  const over = said.find(({ kind }) => kind === 'clock.fault-cleared');
  return {
    id: setting.value,
    confirmations: said
      .filter(({ kind }) => kind === 'clock.confirmed')
      .map(({ actor, at, facts }) => ({
        actor,
        at,
        office: String(facts.office),
        measured: Number(facts.measured),
      })),
    cleared: over && {
      seq: over.seq,
      at: over.at,
      confirmed: over.facts.cause === 'confirmed',
      measured: Number(over.facts.measured),
      mark: Number(over.facts.mark),
    },
  };
}
