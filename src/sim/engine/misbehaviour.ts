/**
 * What a Byzantine node does, at its edge: its core is honest, and what leaves it is bent, withheld
 * or multiplied; or it signs what an honest node never would. Its keys are its own: it can lie, and
 * cannot speak for others.
 */
import { HASH_BYTES } from "../../../assembly/layout.ts";
import type { MeshCore } from "../../core/mesh-core.ts";
import { FRAME_DELTA } from "../../core/wire/delta-frame.ts";
import {
  encodeFrame,
  FRAME_HELLO,
  FRAME_IHAVE,
  FRAME_PUSH,
  FRAME_SYNC,
} from "../../core/wire/frame.ts";
import type { Behaviour } from "../faults/fault.ts";
import { futureRemoves } from "./future-removes.ts";
import { lyingRepair } from "./lying-repair.ts";
import { damaged } from "./network.ts";
import type { SimNode } from "./node.ts";
import type { World } from "./world.ts";

/** The map that forgers write to in others' names: nothing may ever be in it. */
export const FORGED = "forged";
const FORKS = "forks";
/** All that brings state, or leads to it. */
const WITHHELD = new Set<number | undefined>([FRAME_PUSH, FRAME_DELTA, FRAME_IHAVE, FRAME_SYNC]);
const REMOVE_EVERY_MS = 50;
/** A flooder sends every frame so many times. */
const FLOOD_COPIES = 20;
/** Old frames a replayer keeps. */
const REPLAY_FRAMES_MAX = 64;
const HOUR_MS = 3_600_000;
/** Head of a Push: version, type, flags, wall ms, reached, root. Signature of its first delta. */
const PUSH_HEAD_BYTES = 12 + 2 + 32;
const DELTA_HEADER_BYTES = 160;

export class Misbehaviour {
  readonly #world: World;
  readonly #kept = new Map<number, Uint8Array[]>();
  /** By equivocating node: its two branches, as deltas laid end to end. */
  readonly #forks = new Map<number, readonly (Uint8Array | undefined)[]>();
  /** By forging node: deltas in another's name under its own signature. */
  readonly #forged = new Map<number, Uint8Array>();
  /** By equivocating node: since when. */
  readonly equivocators = new Map<number, number>();

  constructor(world: World) {
    this.#world = world;
  }

  /** From now on nothing is promised to a node, or of it. */
  corrupt(node: SimNode): void {
    node.isByzantine = true;
    this.#world.observers.lost(node);
  }

  begin(node: SimNode, as: Behaviour): void {
    node.behaviour = as;
    this.corrupt(node);
    if (as === "future-time") node.wallOffsetMs += HOUR_MS;
    if (as === "past-time") node.wallOffsetMs -= HOUR_MS;
    if (as === "equivocate") this.#equivocate(node);
    if (as === "forge") this.#forge(node);
    if (as === "future-remove") this.#removeAhead(node);
  }

  end(node: SimNode): void {
    if (node.behaviour === "future-time") node.wallOffsetMs -= HOUR_MS;
    if (node.behaviour === "past-time") node.wallOffsetMs += HOUR_MS;
    node.behaviour = undefined;
    this.#kept.delete(node.index);
    this.#forks.delete(node.index);
    this.#forged.delete(node.index);
  }

  /** Sends, or does not send, what the core of a misbehaving node wants sent. */
  send(node: SimNode, to: SimNode, wanted: Uint8Array): void {
    const random = this.#world.streams.byzantine;
    const bytes = this.#world.eclipses.bend(node, to, wanted);
    if (bytes === undefined) return;
    const type = bytes[1];
    switch (node.behaviour) {
      case "withhold":
        if (WITHHELD.has(type)) return;
        break;
      case "bad-signature":
        if (type === FRAME_PUSH) return this.#transmit(node, to, spoilSignature(bytes));
        break;
      case "garbage": {
        const noise = bytes.slice();
        for (let i = 0; i < noise.length; i++) noise[i] = random.below(256);
        return this.#transmit(node, to, random.below(2) === 0 ? noise : damaged(bytes, random));
      }
      case "equivocate":
        return this.#sendForked(node, to, bytes);
      case "forge": {
        const deltas = this.#forged.get(node.index);
        if (type === FRAME_PUSH && deltas !== undefined) {
          this.#transmit(node, to, this.#pushOf(node, deltas));
        }
        break;
      }
      case "lie-repair": {
        const lie = lyingRepair(bytes, to, { nowMs: this.#world.nowMs, random });
        if (lie !== undefined) this.#transmit(node, to, lie);
        return;
      }
      case "flood":
        for (let i = 1; i < FLOOD_COPIES; i++) this.#transmit(node, to, bytes);
        break;
      case "replay": {
        const kept = this.#kept.get(node.index) ?? [];
        this.#kept.set(node.index, kept);
        const old = kept[random.below(Math.max(1, kept.length))];
        if (old !== undefined) this.#transmit(node, to, old);
        if (kept.length < REPLAY_FRAMES_MAX) kept.push(bytes);
        break;
      }
      default:
        break;
    }
    this.#transmit(node, to, bytes);
  }

  /**
   * Signs two deltas for one place: a new life of the node and its twin (same seed, same instant)
   * each write something of their own. Peers of even index are told the one from their first link
   * on, the others the other; what the core itself would send of them is exchanged alike.
   */
  #equivocate(node: SimNode): void {
    const world = this.#world;
    world.stop(node, "crash");
    world.start(node);
    const twin = world.createCore(node);
    const branches = [node.core, twin].map(
      (core, branch) => core && ownDeltas(world, node, core, FORKS, branch),
    );
    twin.free();
    this.#forks.set(node.index, branches);
    if (!this.equivocators.has(node.index)) this.equivocators.set(node.index, world.nowMs);
  }

  /** What an equivocator sends instead: own deltas are those of the receiver's half. */
  #sendForked(node: SimNode, to: SimNode, bytes: Uint8Array): void {
    const deltas = this.#forks.get(node.index)?.[to.index % 2];
    const type = bytes[1];
    if (deltas === undefined) return this.#transmit(node, to, bytes);
    const push = (): Uint8Array => this.#pushOf(node, deltas);
    // The core knows one branch and would repair the other half with it.
    if (type === FRAME_PUSH || type === FRAME_DELTA) return this.#transmit(node, to, push());
    this.#transmit(node, to, bytes);
    if (type !== FRAME_HELLO) return;
    const { life } = node;
    this.#world.schedule(this.#world.nowMs + AFTER_HELLO_MS, () => {
      if (node.life === life) this.#transmit(node, to, push());
    });
  }

  /** A record and a write in the next node's name; the liar can sign them with its own key only. */
  #forge(node: SimNode): void {
    const world = this.#world;
    const victim = world.node((node.index + 1) % world.nodes.length) ?? node;
    const core = world.createCore(node, victim);
    this.#forged.set(node.index, ownDeltas(world, node, core, FORGED));
    core.free();
  }

  /** Tells every peer of removes of what is not there yet, one delta after another. */
  #removeAhead(node: SimNode): void {
    const world = this.#world;
    for (const [i, delta] of futureRemoves(world, node).entries()) {
      world.schedule(world.nowMs + i * REMOVE_EVERY_MS, () => {
        for (const index of node.links.keys()) {
          const to = world.node(index);
          if (to !== undefined) this.#transmit(node, to, this.#pushOf(node, delta));
        }
      });
    }
  }

  #pushOf(node: SimNode, deltas: Uint8Array): Uint8Array {
    const root = new Uint8Array(HASH_BYTES);
    const { wallMs } = node.now(this.#world.nowMs);
    return encodeFrame({ type: FRAME_PUSH, reached: 1, root, deltas }, wallMs);
  }

  #transmit(node: SimNode, to: SimNode, bytes: Uint8Array): void {
    this.#world.transmit(node, to, bytes);
  }
}

/** More than the jitter of a path: what follows a Hello does not overtake it. */
const AFTER_HELLO_MS = 2;

/** A write's record and delta, as the core would store them. */
function ownDeltas(
  world: World,
  node: SimNode,
  core: MeshCore,
  collection: string,
  branch = 0,
): Uint8Array {
  const now = node.now(world.nowMs);
  const value = Uint8Array.of(branch);
  core.handleCommand(
    {
      kind: "write",
      write: { op: "map.set", collection, key: node.name, codec: 0, value },
    },
    now,
  );
  core.read(0, "", undefined, now);
  core.handleTimeout({ ...now, monoMs: now.monoMs + CLOSE_MS });
  const parts: Uint8Array[] = [];
  for (let store = core.pollStore(); store; store = core.pollStore()) parts.push(store.bytes);
  return new Uint8Array(Buffer.concat(parts));
}

/** Later than any batching window. */
const CLOSE_MS = 10;

function spoilSignature(bytes: Uint8Array): Uint8Array {
  const copy = bytes.slice();
  const at = PUSH_HEAD_BYTES + DELTA_HEADER_BYTES;
  if (at < copy.length) copy[at] = (copy[at] ?? 0) ^ 1;
  return copy;
}
