/**
 * Removes of dots that were never issued: a life of the liar's own, written apart from its core, that
 * removes what honest authors are still to add, under hashes that it has to guess, and so much of it
 * that one author's share of the pending table does not take it all.
 */
import { DOT_BYTES, NODE_ID_BYTES, REMOVE_DOTS_MAX } from "../../../assembly/layout.ts";
import { type NodeId, nodeIdToBytes } from "../../core/node-id.ts";
import { HybridClock } from "../../core/state/hlc.ts";
import { LocalAuthor } from "../../core/state/local-author.ts";
import { APPLY_FULL } from "../../kernels/kernels.ts";
import { DEFAULT_LIMITS } from "../../kernels/limits.ts";
import type { SimNode } from "./node.ts";
import { SHARED } from "./workload.ts";
import type { World } from "./world.ts";

/** How many times one author's share. */
const SHARES = 1.5;
/** Seqs of each author that are removed before they are there. */
const SEQS_AHEAD = 64;

/** The life's deltas, in order: more than anybody takes. */
export function futureRemoves(world: World, liar: SimNode): Uint8Array[] {
  const { kernels, crypto, meshId, nowMs } = world;
  const replica = kernels.openReplica({ meshId });
  const label = new TextEncoder().encode(
    `removes ${world.seed} ${liar.index} ${liar.life} ${nowMs}`,
  );
  const author = new LocalAuthor({
    nodeId: liar.id,
    meshId,
    identityKey: liar.key,
    crypto,
    kernels,
    replica,
    clock: new HybridClock(),
    seed: kernels.blake3(label),
    certificates: { own: undefined },
  });
  const removes = Math.ceil((SHARES * DEFAULT_LIMITS.pendingDotsMax) / REMOVE_DOTS_MAX);
  const deltas: Uint8Array[] = [];
  for (let i = 0; i < removes; i++) {
    const element = `e${i % 16}`;
    const dots = futureDots(world, liar);
    author.append({
      kind: "set.remove",
      collection: SHARED,
      key: `k${i % 16}`,
      element,
      dots,
    });
    const bytes = author.close(liar.now(nowMs).wallMs);
    const scan = replica.frameScan(bytes);
    const verdicts = new Uint8Array(scan.count).fill(1);
    deltas.push(bytes);
    // Past the share even the liar's own replica refuses it, and nothing could follow.
    const { outcomes } = replica.frameApply(scan, bytes, verdicts);
    if (outcomes.includes(APPLY_FULL)) break;
  }
  replica.free();
  return deltas;
}

/** Dots of the next seqs of every node, as far as they are known here, with hashes out of the air. */
function futureDots(world: World, liar: SimNode): Uint8Array {
  const random = world.streams.byzantine;
  const dots = new Uint8Array(REMOVE_DOTS_MAX * DOT_BYTES);
  const view = new DataView(dots.buffer);
  const heads = world.nodes.map(({ id }) => headOf(world, liar, id));
  for (let at = 0; at < dots.length; at += DOT_BYTES) {
    const { id, epoch, nonce, seq } = heads[random.below(heads.length)] ?? NO_HEAD;
    dots.set(nodeIdToBytes(id), at);
    view.setBigUint64(at + NODE_ID_BYTES, epoch, true);
    view.setBigUint64(at + NODE_ID_BYTES + 8, nonce, true);
    view.setBigUint64(at + NODE_ID_BYTES + 16, BigInt(seq + 1 + random.below(SEQS_AHEAD)), true);
    view.setUint32(at + NODE_ID_BYTES + 24, random.nextU32(), true);
    view.setUint32(at + NODE_ID_BYTES + 28, random.nextU32(), true);
  }
  return dots;
}

function headOf(world: World, liar: SimNode, id: NodeId) {
  const replica = liar.core?.read(0, "", undefined, liar.now(world.nowMs));
  return { id, ...(replica?.latest(id) ?? { epoch: 1n, nonce: 1n, seq: 0 }) };
}

const NO_HEAD = { id: "0".repeat(2 * NODE_ID_BYTES), epoch: 1n, nonce: 1n, seq: 0 };
