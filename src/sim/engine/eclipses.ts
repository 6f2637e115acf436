/**
 * Eclipses: a victim is linked with liars only, who give it nothing that others wrote, hand on
 * nothing that it writes, name no members but themselves, and answer roll calls for nobody else.
 * With the rest of the mesh they deal honestly.
 */
import { nodeIdToBytes } from "../../core/node-id.ts";
import { FRAME_DELTA } from "../../core/wire/delta-frame.ts";
import { FRAME_DEPART, FRAME_SUSPECT } from "../../core/wire/failure-frames.ts";
import {
  decodeFrame,
  encodeFrame,
  FRAME_BUCKETS,
  FRAME_IHAVE,
  FRAME_MEMBERS,
  FRAME_PULL,
  FRAME_PUSH,
  FRAME_SYNC,
  FRAME_TYPE_OFFSET,
  type Frame,
} from "../../core/wire/frame.ts";
import { decodeMember } from "../../core/wire/member.ts";
import { FRAME_PROOF } from "../../core/wire/proof-frame.ts";
import { FRAME_ROLL_CALL, type RollCallFrame } from "../../core/wire/roll-call.ts";
import { rootsOf } from "./core-view.ts";
import type { Cut } from "./cuts.ts";
import type { SimNode } from "./node.ts";
import type { World } from "./world.ts";

/** What never passes between a victim and the liars, either way. */
const WITHHELD = new Set<number | undefined>([
  FRAME_PUSH,
  FRAME_DELTA,
  FRAME_IHAVE,
  FRAME_SUSPECT,
  FRAME_DEPART,
  FRAME_PROOF,
  FRAME_BUCKETS,
]);

interface Eclipse {
  readonly liars: ReadonlySet<number>;
  readonly cut: Cut;
}

export class Eclipses {
  readonly #world: World;
  readonly #byVictim = new Map<number, Eclipse>();

  constructor(world: World) {
    this.#world = world;
  }

  /** The liars are corrupted already. */
  begin(victim: SimNode, liars: ReadonlySet<number>, forMs: number): void {
    const { network, observers, links, nowMs } = this.#world;
    if (this.#byVictim.has(victim.index)) return;
    const cut = cutOff(victim.index, liars);
    this.#byVictim.set(victim.index, { liars, cut });
    network.cuts.add(cut);
    for (const [peer, link] of [...victim.links]) {
      if (!liars.has(peer)) links.close(link, "eclipsed");
    }
    observers.cutsChanged();
    this.#world.schedule(nowMs + forMs, () => {
      this.#byVictim.delete(victim.index);
      network.cuts.remove(cut);
      observers.cutsChanged();
    });
  }

  /** Who can answer a node: it and the liars, undefined where it is not eclipsed. */
  reachOf(index: number): readonly number[] | undefined {
    const liars = this.#byVictim.get(index)?.liars;
    return liars && [index, ...liars];
  }

  /** Whether a frame of a victim is heard by nobody. */
  swallows(from: SimNode, to: SimNode, bytes: Uint8Array): boolean {
    const isHeld = this.#byVictim.get(from.index)?.liars.has(to.index) === true;
    return isHeld && WITHHELD.has(bytes[FRAME_TYPE_OFFSET]);
  }

  /** What a liar sends its victim in place of a frame; undefined for nothing. */
  bend(from: SimNode, to: SimNode, bytes: Uint8Array): Uint8Array | undefined {
    const liars = this.#byVictim.get(to.index)?.liars;
    if (liars?.has(from.index) !== true) return bytes;
    if (WITHHELD.has(bytes[FRAME_TYPE_OFFSET])) return undefined;
    const decoded = decodeFrame(bytes);
    if (decoded.kind !== "frame") return bytes;
    const allowed = new Set([...liars, to.index].flatMap((i) => this.#world.node(i)?.id ?? []));
    const bent = this.#bent(decoded.frame, from, to, allowed);
    return bent && encodeFrame(bent, decoded.wallMs);
  }

  #bent(frame: Frame, from: SimNode, to: SimNode, allowed: ReadonlySet<string>): Frame | undefined {
    const { meshId, nowMs } = this.#world;
    switch (frame.type) {
      case FRAME_PULL:
        return { ...frame, ...rootsOf(to.core, to.now(nowMs)) };
      case FRAME_SYNC:
        return { ...frame, root: rootsOf(to.core, to.now(nowMs)).root, ranges: [] };
      case FRAME_MEMBERS: {
        const members = frame.members.filter((member) =>
          allowed.has(decodeMember(member, meshId)?.record.id ?? ""),
        );
        return members.length === 0 ? undefined : { ...frame, members };
      }
      case FRAME_ROLL_CALL:
        return masked(frame, from, allowed);
      default:
        return frame;
    }
  }
}

function cutOff(victim: number, liars: ReadonlySet<number>): Cut {
  const isOutside = (index: number): boolean => index !== victim && !liars.has(index);
  return {
    classOf: (index) => (index === victim ? 1 : liars.has(index) ? 2 : 0),
    blocks: (a, b) => (a === victim && isOutside(b)) || (b === victim && isOutside(a)),
  };
}

/** A roll call in which only those allowed have answered. */
function masked(frame: RollCallFrame, from: SimNode, allowed: ReadonlySet<string>): RollCallFrame {
  const { answered } = frame;
  if (answered.kind === "list") {
    const firsts = new Set(
      [...allowed].map((id) => new DataView(nodeIdToBytes(id).buffer).getUint32(0)),
    );
    const prefixes = answered.prefixes.filter((prefix) => firsts.has(prefix));
    return { ...frame, answered: { kind: "list", prefixes } };
  }
  const bits = answered.bits.slice();
  for (const [place, id] of (from.core?.membership.present() ?? []).entries()) {
    if (!allowed.has(id)) bits[place >> 3] = (bits[place >> 3] ?? 0) & ~(1 << (place & 7));
  }
  return { ...frame, answered: { ...answered, bits } };
}
