/**
 * Sybils: identities that a liar invents in an open mesh, so many a second. Of the running ones each
 * is a node of its own that joins through the seeds as anybody does; a silent one is a signed record
 * that the liar hands on, and nobody answers for it.
 */
import { hexFromBytes } from "../../core/node-id.ts";
import { concat } from "../../core/wire/concat.ts";
import { encodeFrame, FRAME_MEMBERS } from "../../core/wire/frame.ts";
import { encodeMember } from "../../core/wire/member.ts";
import type { Fault } from "../faults/fault.ts";
import type { SimNode } from "./node.ts";
import type { World } from "./world.ts";

type SybilFault = Extract<Fault, { do: "byz.sybil" }>;

export class Sybils {
  readonly #world: World;
  /** Identities for whom nobody answers. */
  silent = 0;

  constructor(world: World) {
    this.#world = world;
  }

  begin(liar: SimNode, { count, perSecond, as }: Pick<SybilFault, "count" | "perSecond" | "as">) {
    const { misbehaviour, nowMs } = this.#world;
    misbehaviour.corrupt(liar);
    for (let i = 0; i < count; i++) {
      this.#world.schedule(nowMs + (i * 1_000) / perSecond, () => {
        if (as === "silent") this.#tell(liar);
        else this.#join(as);
      });
    }
  }

  #join(as: "answer" | "withhold"): void {
    const { misbehaviour } = this.#world;
    const sybil = this.#world.add();
    if (as === "withhold") misbehaviour.begin(sybil, "withhold");
    else misbehaviour.corrupt(sybil);
  }

  #tell(liar: SimNode): void {
    if (liar.core === undefined) return;
    const { misbehaviour, nowMs, nodes } = this.#world;
    this.silent += 1;
    // Who counts on a quorum must know that there may be one more.
    misbehaviour.corrupt(liar);
    const members = [this.#record(liar)];
    const frame = encodeFrame({ type: FRAME_MEMBERS, members }, liar.now(nowMs).wallMs);
    for (const index of liar.links.keys()) {
      const to = nodes[index];
      if (to !== undefined) this.#world.transmit(liar, to, frame);
    }
  }

  /** A member record of a key that nobody has seen, signed with it. */
  #record(liar: SimNode): Uint8Array {
    const { crypto, kernels, meshId, nowMs } = this.#world;
    const name = `sybil ${this.#world.seed} ${liar.index} ${this.silent}`;
    const key = crypto.createSigningKey(kernels.blake3(new TextEncoder().encode(name)));
    const record = {
      id: hexFromBytes(key.publicKey),
      epoch: BigInt(Math.floor(liar.now(nowMs).wallMs)),
      counter: 0,
      left: false,
      region: "sim",
      zone: "sim",
      addresses: [`/sim/${name}`],
    };
    const signed = encodeMember(record, meshId);
    return concat([signed, crypto.sign(signed, key)]);
  }
}
