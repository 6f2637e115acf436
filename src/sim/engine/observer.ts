/** What is told of a world while it runs. Every method is called at the world's present instant. */
import type { CoreEvent, SignatureCheck } from "../../core/outputs.ts";
import type { SimNode } from "./node.ts";

export interface Observer {
  /** A core has said something; `from`: whose frame made it say so, if one did. */
  event?(node: SimNode, event: CoreEvent, from: SimNode | undefined): void;
  /** A frame is being handed to a core. */
  frame?(node: SimNode, from: SimNode, bytes: Uint8Array): void;
  /** A signature was checked for a node. */
  verified?(node: SimNode, check: SignatureCheck, holds: boolean): void;
  /** A core has answered its user's write; `wasReadOnly`: it was, just before. */
  wrote?(node: SimNode, accepted: boolean, wasReadOnly: boolean): void;
  /** A core has done what one input caused. */
  settled?(node: SimNode): void;
  /** A node is no longer there, cannot be reached, or is no longer bound to behave. */
  lost?(node: SimNode): void;
  /** A node's process has started. */
  started?(node: SimNode): void;
  /** A stopped process goes on. */
  resumed?(node: SimNode): void;
  /** Who can reach whom has changed. */
  cutsChanged?(): void;
  /** A process has read its disk; `whole`: its core took what was there. */
  opened?(node: SimNode, whole: boolean): void;
  /** A handler of a core has thrown. */
  thrown?(node: SimNode, error: unknown): void;
}

/** Tells several as one, and each only of what it wants to hear. */
export class Observers implements Required<Observer> {
  readonly #all: readonly Observer[];
  #settled: readonly Observer[] | undefined;
  #frame: readonly Observer[] | undefined;

  constructor(all: readonly Observer[]) {
    this.#all = all;
  }

  event(node: SimNode, event: CoreEvent, from: SimNode | undefined): void {
    for (const one of this.#all) one.event?.(node, event, from);
  }
  frame(node: SimNode, from: SimNode, bytes: Uint8Array): void {
    this.#frame ??= this.#all.filter((one) => one.frame !== undefined);
    for (const one of this.#frame) one.frame?.(node, from, bytes);
  }
  verified(node: SimNode, check: SignatureCheck, holds: boolean): void {
    for (const one of this.#all) one.verified?.(node, check, holds);
  }
  wrote(node: SimNode, accepted: boolean, wasReadOnly: boolean): void {
    for (const one of this.#all) one.wrote?.(node, accepted, wasReadOnly);
  }
  settled(node: SimNode): void {
    // Asked for at the first use: observers need the world, and come after it.
    this.#settled ??= this.#all.filter((one) => one.settled !== undefined);
    for (const one of this.#settled) one.settled?.(node);
  }
  lost(node: SimNode): void {
    for (const one of this.#all) one.lost?.(node);
  }
  started(node: SimNode): void {
    for (const one of this.#all) one.started?.(node);
  }
  resumed(node: SimNode): void {
    for (const one of this.#all) one.resumed?.(node);
  }
  cutsChanged(): void {
    for (const one of this.#all) one.cutsChanged?.();
  }
  opened(node: SimNode, whole: boolean): void {
    for (const one of this.#all) one.opened?.(node, whole);
  }
  thrown(node: SimNode, error: unknown): void {
    for (const one of this.#all) one.thrown?.(node, error);
  }
}
