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
    const forMs = options.quick ? 4_000 : 15_000;
    const load = { kind: "load", everyMs: WRITE_EVERY_MS } as const;
    await Promise.all([victim, other].map((node) => node.ask({ ...load, forMs: WARMUP_MS })));
    const [sinkAddress] = await sink.ask({ kind: "sink" });
    await attacker.ask({ kind: "arm", attack });
    const phase = async (address = ""): Promise<Phase> => {
      const attacked = attacker.ask({ kind: "attack", address, forMs });
      const [atVictim, atOther] = await Promise.all(
        [victim, other].map((node) => node.ask({ ...load, forMs })),
      );
      return { attacked: await attacked, atVictim: loadedOf(atVictim), atOther: loadedOf(atOther) };
    };
    const aside = await phase(sinkAddress);
    const attacking = await phase(seeds[0]);
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

function report(attack: AttackKind, aside: Phase, attacking: Phase, roots: number): Measured {
  const rows = [
    { impl: "sink attacked", phase: aside },
    { impl: "node attacked", phase: attacking },
  ].map(({ impl, phase }) => {
    const latencies = [...phase.atVictim.latenciesMs, ...phase.atOther.latenciesMs];
    const { p50, p99, samples } = summarize(latencies);
    const hash = shortHash(`${roots} root`);
    return { name: `flood-${attack}`, impl, n: 2, unit: "ms" as const, p50, p99, samples, hash };
  });
  const [before, during] = rows;
  const { rssBeforeBytes, rssMaxBytes, floodNs } = attacking.atVictim;
  const cutMs =
    floodNs === undefined
      ? Number.MAX_SAFE_INTEGER
      : Number(BigInt(floodNs) - BigInt(attacking.attacked.startNs)) / 1e6;
  const { frames, bytes, links } = attacking.attacked;
  const seconds = (aside.atVictim.latenciesMs.length * WRITE_EVERY_MS) / 1_000;
  const ratios: Ratio[] = [
    { name: "honest p99, attacked / sink", value: share(during?.p99, before?.p99), needed: "<= 2" },
    { name: "RSS growth MiB", value: (rssMaxBytes - rssBeforeBytes) / 2 ** 20, needed: "<= 128" },
    { name: "cut off after ms", value: cutMs, needed: "<= 2000" },
    { name: "roots of the honest nodes", value: roots, needed: "= 1" },
    { name: "frames sent to the sink", value: aside.attacked.frames, needed: "" },
    {
      name: "MB/s to the sink",
      value: aside.attacked.bytes / 1e6 / Math.max(1, seconds),
      needed: "",
    },
    { name: "frames sent to the node", value: frames, needed: "" },
    { name: "MB sent to the node", value: bytes / 1e6, needed: "" },
    { name: "links to the node", value: links, needed: "" },
  ];
  return {
    results: rows,
    ratios: ratios.map((ratio) => ({ ...ratio, name: `${attack}: ${ratio.name}` })),
  };
}

function share(part = Number.NaN, whole = Number.NaN): number {
  return part / whole;
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
const SETTLE_MS = 30_000;
const POLL_MS = 100;
const NODE = join(import.meta.dirname, "node.ts");
const ATTACKER = join(import.meta.dirname, "attacker.ts");
