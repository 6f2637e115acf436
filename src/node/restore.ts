/** Restart: hands a driver what its store has kept, before anything runs. */
import { MeshError } from "../errors.ts";
import { DEPARTED_META, type Driver, PROOFS_META } from "./driver.ts";
import type { Store } from "./storage/store.ts";

/**
 * Gives the driver everything in the store: member records first, since they hold the epoch of
 * the last life, then who of them has departed, then proofs of equivocation, since nothing of their
 * authors is restored.
 * @returns what is wrong with the store; undefined when all of it was taken.
 */
export async function restoreFrom(driver: Driver, store: Store): Promise<string | undefined> {
  try {
    const members = await store.members();
    if (!driver.restoreMembers(members)) return "a member record is damaged";
    const departed = await store.getMeta(DEPARTED_META);
    if (departed !== undefined && !driver.restoreDeparted(departed)) {
      return "the list of departed members is damaged";
    }
    const proofs = await store.getMeta(PROOFS_META);
    if (proofs !== undefined && !driver.restoreProofs(proofs)) {
      return "a proof of equivocation is damaged";
    }
    let count = 0;
    for await (const part of store.load()) {
      if (!driver.restoreDeltas(part)) {
        return `one of the deltas ${count + 1} to ${count + part.length} is damaged`;
      }
      count += part.length;
    }
    return undefined;
  } catch (error) {
    if (error instanceof MeshError && error.code === "MESH_STORE_CORRUPT") return error.message;
    throw error;
  }
}

/** Tells the operator that a store was moved aside. */
export function warnOfQuarantine(path: string, reason: string): void {
  const message = `the store could not be read (${reason}) and was moved to ${path}; the node rebuilds its state from its peers`;
  process.emitWarning(new MeshError("MESH_STORE_CORRUPT", message, { details: { path } }));
}
