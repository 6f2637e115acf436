/** What a child of the delivery bench prints. */
export interface Cost {
  readonly name: string;
  /** CPU ns a delivery, one sample a round. */
  readonly samples: readonly number[];
  /** Of what was delivered. */
  readonly hash: string;
}
