/** One figure of the bench: what we do beside what a peer does in the same run, in turns, several times. */
export interface Figure {
  readonly name: string;
  /** Median over the runs. */
  readonly value: number;
  readonly unit: string;
  /** What it is measured against. */
  readonly peer: string;
  readonly peerValue: number;
  /** value / peerValue. */
  readonly ratio: number;
  readonly runs: number;
  /** (largest − smallest) / median of our own runs. */
  readonly spread: number;
  /** The ratio or value that it is meant to reach, in words; '' where there is none. */
  readonly goal: string;
}

export const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2;
};

/** The value below which `share` of `values` lie. */
export const percentile = (values: readonly number[], share: number): number => {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
};

export interface Contest {
  readonly name: string;
  readonly unit: string;
  readonly peer: string;
  readonly goal?: string;
  /** One run of ours and one of the peer's, each answering its figure in `unit`. */
  readonly ours: () => Promise<number>;
  readonly theirs: () => Promise<number>;
}

/** One of several peers of the same work of ours. */
export type Peer = Omit<Contest, 'ours'>;

/** Runs the peers and ours in turns, the peers first, so that nobody has the warmer machine. */
export async function contests(
  ours: () => Promise<number>,
  peers: readonly Peer[],
  runs = 3,
): Promise<Figure[]> {
  const own: number[] = [];
  const others = peers.map((): number[] => []);
  for (let run = 0; run < runs; run += 1) {
    for (const [at, { theirs }] of peers.entries()) others[at]?.push(await theirs());
    own.push(await ours());
  }
  const value = median(own);
  const spread = (Math.max(...own) - Math.min(...own)) / value;
  return peers.map(({ name, unit, peer, goal = '' }, at) => {
    const peerValue = median(others[at] ?? []);
    return { name, value, unit, peer, peerValue, ratio: value / peerValue, runs, spread, goal };
  });
}

/** The same with one peer. */
export async function contest({ ours, ...peer }: Contest, runs = 3): Promise<Figure> {
  const [figure] = await contests(ours, [peer], runs);
  if (!figure) throw new Error('A contest has a peer.');
  return figure;
}

/** MB/s of `work`, which moves `bytes`. */
export async function rate(bytes: number, work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return bytes / 1e3 / (performance.now() - began);
}
