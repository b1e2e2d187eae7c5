/** What a viewing asks of the vault (K3.6, K6): clear bytes of one item, only while the lease lives. */
import type { Item } from '../../domain/item.ts';
import type { Lease } from '../lease.ts';

/** Where an item's key is (K2.1). */
export interface ItemKeyPlace {
  readonly collection: string;
  readonly keyIndex: number;
}

/** Holds the bytes of one viewing to the pace of playing (R39, portal 4). */
export interface ViewingPace {
  /** A request of the player begins: the burst is due again, at most four times in any 10 s. */
  seek(): void;
  /** From the heartbeat; 0 while paused. */
  speed(times: number): void;
}

export interface ViewingReader {
  /** Plaintext bytes. */
  readonly size: number;
  readonly mediaType: string;
  /**
   * Bytes `from` to `to` (not included). Nothing is read before the first pull; the lease is tested in the same step as
   * each hand-over; any end but the last byte is an error, on which the door resets the connection. `endRelative` for a
   * range that counts from the end.
   */
  stream(
    from: number,
    to: number,
    how?: { readonly pacer?: ViewingPace; readonly endRelative?: boolean },
  ): ReadableStream<Uint8Array>;
}

export interface ViewingVault {
  /** Rejects when the key is gone, the store fails, or anything was altered (then an alarm was raised). */
  open(
    lease: Lease,
    item: Pick<Item, 'id' | 'objectName' | 'wrappedDek' | 'sealedManifest' | 'size'>,
    key: ItemKeyPlace,
  ): Promise<ViewingReader>;
  /** One pace for all requests of a viewing; `averageBytesPerSecond` is the size divided by the length. */
  pace(averageBytesPerSecond: number): ViewingPace;
}
