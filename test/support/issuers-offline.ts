/**
 * A certified mesh in virtual time whose issuers are gone: no certificate is renewed any more. Links
 * are admitted by the node's own gate and kept by its own upkeep, each virtual minute; members write,
 * restart and lose disks meanwhile.
 */
import { TYPE_MAP } from "../../assembly/layout.ts";
import type { SimNode } from "../../src/sim/engine/node.ts";
import { CertifiedGates, type GateOptions } from "./certified-gates.ts";
import { SmallMesh } from "./small-mesh.ts";

const MINUTE_MS = 60_000;
const SETTLE_MS = 10_000;
/** Ten times the default: 72 hours of idle rounds are most of the work. */
const ROUND_MS = 1_000;

export interface OfflineOptions extends GateOptions {
  /** How long the mesh runs. */
  readonly hours: number;
  /** Hours from the start at which a node restarts, one after another; every other one without its disk. */
  readonly restartHours: readonly number[];
}

export interface OfflineResult {
  /** Members that some other has no link with, does not count, or whose last write it lacks. */
  readonly excluded: readonly string[];
  readonly writes: number;
  readonly refused: number;
  readonly restarts: number;
  readonly readOnly: number;
  readonly roots: number;
  /** Hours since the end of each certificate. */
  readonly endedHours: readonly number[];
}

export function issuersOffline(options: OfflineOptions): OfflineResult {
  const { nodes, hours, restartHours } = options;
  const gates = new CertifiedGates(options);
  const mesh = new SmallMesh(nodes, {
    config: { durable: true, roundIntervalMs: ROUND_MS, zone: "local" },
    admission: (deps) => gates.admission(deps),
  });
  const everybody = [...mesh.world.nodes];
  let [writes, refused, restarts] = [0, 0, 0];
  const write = (node: SimNode, key: string): void => {
    const value = new Uint8Array(8);
    const op = { op: "map.set", collection: "state", key, codec: 0, value } as const;
    const result = mesh.world.command(node, { kind: "write", write: op });
    if (result?.kind === "write") writes += 1;
    else refused += 1;
  };
  for (let minute = 0; minute < hours * 60; minute++) {
    mesh.run(MINUTE_MS);
    for (const node of everybody) gates.sweep(node, mesh);
    const hour = minute / 60;
    if (restartHours.includes(hour)) {
      const node = `n${restarts % nodes}`;
      const disk = restarts % 2 === 0 ? "kept" : "lost";
      mesh.apply({ at: 0, do: "node.restart", node, disk });
      restarts += 1;
    }
    if (Number.isInteger(hour + 0.5))
      write(everybody[Math.floor(hour) % nodes] as SimNode, "hourly");
  }
  for (const node of everybody) write(node, node.name);
  mesh.run(SETTLE_MS);
  const statuses = mesh.statuses(everybody);
  const result = {
    excluded: everybody.filter((node) => isExcluded(node, everybody, mesh)).map(({ name }) => name),
    writes,
    refused,
    restarts,
    readOnly: statuses.filter(({ readOnly }) => readOnly).length,
    roots: mesh.roots,
    endedHours: everybody.map((node) => gates.endedHours(node, mesh.world.nowMs)),
  };
  mesh.world.free();
  return result;
}

function isExcluded(node: SimNode, everybody: readonly SimNode[], mesh: SmallMesh): boolean {
  return everybody.some((other) => {
    if (other === node) return false;
    const counts = other.core?.membership.present().includes(node.id) === true;
    const lives = other.core?.liveness(node.id) === "alive";
    const replica = mesh.read(other, TYPE_MAP, "state", node.name);
    const holds = replica.mapGet("state", node.name) !== undefined;
    return !counts || !lives || !holds || !other.links.has(node.index);
  });
}
