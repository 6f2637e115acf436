// The planted defects, a patch each, beside this file. scripts/plant.ts applies them.

export interface Plant {
  /** Of the patch, without its end. */
  readonly name: string;
  /** For `sim sweep`; default: storms. */
  readonly flags?: readonly string[];
}

export const PLANTS: readonly Plant[] = [
  { name: "incarnation-reused" },
  { name: "counter-merge-adds" },
  { name: "duplicate-punished" },
  { name: "clock-check-rejects" },
  { name: "unordered-hash" },
  { name: "frontier-off-by-one" },
  {
    name: "sequence-sent-before-fsync",
    // A crash must come within the 3 ms of a sync, and the next write before the peers' repair:
    // storms have too few crashes.
    flags: [
      ...["--nodes", "5", "--writes-per-second", "50", "--duration", "30s"],
      ...["--faults", "test/plants/sequence-sent-before-fsync.jsonl"],
    ],
  },
];

/** Defects that the vocabulary names, whose code is not here to be spoilt. */
export const ELSEWHERE = [
  { name: "two-votes-after-restart", where: "with the regions' elections" },
  { name: "moved-child-counted-twice", where: "with the regions' aggregation" },
] as const;
