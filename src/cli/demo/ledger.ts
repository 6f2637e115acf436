/** What the node processes told the orchestrator about claims: who owned, finished and lost what. */
import type { FromNode } from "./messages.ts";

export class Ledger {
  /** Nodes killed, with the files they held unfinished. */
  readonly killed: { readonly node: number; readonly held: readonly string[] }[] = [];
  /** Files owned and not finished, by node. */
  readonly #held = new Map<number, Set<string>>();
  /** Results published: name of the write to file. */
  readonly #writes = new Map<string, string>();

  enter(node: number, message: FromNode): void {
    const held = this.#held.get(node) ?? new Set();
    this.#held.set(node, held);
    if (message.kind === "owned") held.add(message.path);
    if (message.kind !== "finished") return;
    held.delete(message.path);
    this.#writes.set(message.write, message.path);
  }

  /** Files that a node owns, or owned when it was killed, and has not finished. */
  heldBy(node: number): readonly string[] {
    return [...(this.#held.get(node) ?? [])];
  }

  /** Every result that was published: name of the write and file. */
  get writes(): ReadonlyMap<string, string> {
    return this.#writes;
  }
}
