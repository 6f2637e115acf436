/**
 * Suite `hostile`: one of two honest nodes is flooded over QUIC by a process that has joined. What the
 * honest traffic is worth meanwhile is compared with the same attacker sending to a sink process on
 * the same machine. See bench/README.md for what each row means.
 */
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { shortHash } from "../lib/micro.ts";
import type { Measured, Ratio, Result, SuiteOptions } from "../lib/report.ts";
import { summarize } from "../lib/statistics.ts";
import { Worker } from "../lib/worker.ts";
import type { AnswerOf, Ask, Attacked, AttackKind, Loaded } from "./messages.ts";

type Process = Worker<Ask, AnswerOf>;

export async function runHostileSuite(options: SuiteOptions): Promise<Measured> {
  const results: Result[] = [];
  const ratios: Ratio[] = [];
  for (const attack of ATTACKS) {
    if (!attack.includes(options.only)) continue;
    options.note(attack);
    const measured = await runAttack(attack, options);
    results.push(...measured.results);
    ratios.push(...measured.ratios);
  }
  return { results, ratios };
}

/** A mesh of two for each attack, so that none finds the nodes as the last one left them. */
async function runAttack(attack: AttackKind, options: SuiteOptions): Promise<Measured> {
  const start = (file: string): Process => new Worker<Ask, AnswerOf>(file, options.profileDir);
  const [victim, other] = [start(NODE), start(NODE)];
  const [sink, attacker] = [start(ATTACKER), start(ATTACKER)];
  try {
    const seeds = await victim.ask({ kind: "join", seeds: [] });
    await other.ask({ kind: "join", seeds });
    const rounds = options.quick ? 1 : ROUNDS;
    const load = { kind: "load", everyMs: WRITE_EVERY_MS } as const;
    await Promise.all([victim, other].map((node) => node.ask({ ...load, forMs: WARMUP_MS })));
    const [sinkAddress] = await sink.ask({ kind: "sink" });
    const phase = async (address = ""): Promise<Phase> => {
      const attacked = attacker.ask({ kind: "attack", address, forMs: PHASE_MS });
      const [atVictim, atOther] = await Promise.all(
        [victim, other].map((node) => node.ask({ ...load, forMs: PHASE_MS })),
      );
      return { attacked: await attacked, atVictim: loadedOf(atVictim), atOther: loadedOf(atOther) };
    };
    const aside: Phase[] = [];
    const attacking: Phase[] = [];
    for (let round = 0; round < rounds; round++) {
      // A key of its own each time: the last one is refused for a while.
      await attacker.ask({ kind: "arm", attack });
      aside.push(await phase(sinkAddress));
      attacking.push(await phase(seeds[0]));
    }
    const roots = await settled([victim, other]);
    return report(attack, aside, attacking, roots);
  } finally {
    await Promise.all([victim, other, sink, attacker].map((worker) => worker.end()));
  }
}

interface Phase {
  readonly attacked: Attacked;
  readonly atVictim: Loaded;
  readonly atOther: Loaded;
}

function report(
  attack: AttackKind,
  aside: readonly Phase[],
  attacking: readonly Phase[],
  roots: number,
): Measured {
  const hash = shortHash(`${roots} root`);
  const row = (impl: string, phases: readonly Phase[]): Result => {
    const { p50, p99, samples } = summarize(phases.flatMap(latenciesOf));
    return { name: `flood-${attack}`, impl, n: 2, unit: "ms", p50, p99, samples, hash };
  };
  const [before, during] = [row("sink attacked", aside), row("node attacked", attacking)];
  const rssBytes = attacking.map(({ atVictim }) => atVictim.rssMaxBytes);
  const growth = Math.max(...rssBytes) - (attacking[0]?.atVictim.rssBeforeBytes ?? 0);
  const ratios: Ratio[] = [
    { name: "honest p99, attacked / sink", value: during.p99 / before.p99, needed: "<= 2" },
    { name: "RSS growth MiB", value: growth / 2 ** 20, needed: "<= 128" },
    { name: "cut off after ms", value: Math.max(...attacking.map(cutMsOf)), needed: "<= 2000" },
    { name: "roots of the honest nodes", value: roots, needed: "= 1" },
    ...sentTo("sink", aside),
    ...sentTo("node", attacking),
  ];
  return {
    results: [before, during],
    ratios: ratios.map((ratio) => ({ ...ratio, name: `${attack}: ${ratio.name}` })),
  };
}

function latenciesOf({ atVictim, atOther }: Phase): readonly number[] {
  return [...atVictim.latenciesMs, ...atOther.latenciesMs];
}

/** From the attacker's first frame to the cut; as good as never when there was none. */
function cutMsOf({ attacked, atVictim }: Phase): number {
  if (atVictim.floodNs === undefined) return Number.MAX_SAFE_INTEGER;
  return Number(BigInt(atVictim.floodNs) - BigInt(attacked.startNs)) / 1e6;
}

function sentTo(whom: string, phases: readonly Phase[]): Ratio[] {
  const sum = (of: (attacked: Attacked) => number): number =>
    phases.reduce((total, { attacked }) => total + of(attacked), 0);
  return [
    { name: `frames sent to the ${whom}`, value: sum(({ frames }) => frames), needed: "" },
    { name: `MB sent to the ${whom}`, value: sum(({ bytes }) => bytes) / 1e6, needed: "" },
    { name: `links to the ${whom}`, value: sum(({ links }) => links), needed: "" },
  ];
}

/** How many roots the honest nodes show in the end: one, or the suite fails. */
async function settled(nodes: readonly Process[]): Promise<number> {
  for (let waitedMs = 0; waitedMs < SETTLE_MS; waitedMs += POLL_MS) {
    const statuses = await Promise.all(nodes.map((node) => node.ask({ kind: "status" })));
    if (new Set(statuses.map(({ root }) => root)).size === 1) return 1;
    await sleep(POLL_MS);
  }
  throw new Error("the honest nodes do not agree");
}

function loadedOf(loaded: Loaded | undefined): Loaded {
  if (loaded === undefined) throw new Error("both nodes answer");
  return loaded;
}

const ATTACKS: readonly AttackKind[] = ["frames", "signatures", "keys"];
const WRITE_EVERY_MS = 5;
const WARMUP_MS = 2_000;
const ROUNDS = 4;
const PHASE_MS = 4_000;
const SETTLE_MS = 30_000;
const POLL_MS = 100;
const NODE = join(import.meta.dirname, "node.ts");
const ATTACKER = join(import.meta.dirname, "attacker.ts");
