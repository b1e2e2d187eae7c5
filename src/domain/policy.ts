/** Approval policies: who decides in which stages, and which limits hold (approvals.md 4, R18–R21). */
import type { ApplicationKind, SeatGroup } from './application.ts';
import type { CentreId, PolicyId } from './ids.ts';
import type { ItemClass } from './item.ts';

/** `k` distinct persons of `group` must approve; k ≥ 1 (R18). */
export interface Stage {
  group: SeatGroup;
  k: number;
}

export interface Policy {
  id: PolicyId;
  /** null: holds for every centre. */
  centreId: CentreId | null;
  kind: ApplicationKind;
  class: ItemClass;
  version: number;
  /** JSON list of Stage, in order. */
  stages: string;
  durationDefaultMs: number;
  durationCapMs: number;
  requestTtlMs: number;
  slaMs: number;
  /** activate_by: how long after approval the first use may come. */
  startTtlMs: number;
  stepUpAtStart: boolean;
  maxUses: number | null;
  createdSeq: number;
  /** null while it is the one in force. */
  replacedSeq: number | null;
}
