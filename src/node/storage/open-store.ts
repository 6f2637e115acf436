/** Opens the store that a node's options ask for, and holds it to the node's mesh. */
import { join } from "node:path";
import { MeshError } from "../../errors.ts";
import { MemoryStore } from "./memory-store.ts";
import { SqliteStore } from "./sqlite-store.ts";
import type { Store } from "./store.ts";

/**
 * The durable store inside `dataDir`, or a memory store.
 * @param meshId 16 bytes; a store that was begun in another mesh is refused, untouched.
 * @throws MeshError MESH_DATA_DIR_IN_USE, MESH_STORE_MISMATCH, MESH_STORE_FAILED.
 */
export async function openStore(
  { dataDir, store }: { readonly dataDir: string | undefined; readonly store: StoreKind },
  meshId: Uint8Array,
): Promise<Store> {
  if (store === "memory" || dataDir === undefined) return new MemoryStore();
  const opened = await SqliteStore.open({ folder: join(dataDir, STORE_FOLDER) });
  try {
    await holdStore(opened, meshId);
    return opened;
  } catch (error) {
    await opened.close();
    throw error;
  }
}

export type StoreKind = "sqlite" | "memory";

/** Marks a new store as one of a mesh; @throws MeshError MESH_STORE_MISMATCH for another's. */
export async function holdStore(store: Store, meshId: Uint8Array): Promise<void> {
  const held = await store.getMeta(MESH_META);
  if (held === undefined) return store.putMeta(MESH_META, meshId);
  if (Buffer.compare(held, meshId) === 0) return;
  const got = Buffer.from(held).toString("hex");
  throw new MeshError("MESH_STORE_MISMATCH", "this data folder holds the state of another mesh", {
    details: { path: store.path, expected: Buffer.from(meshId).toString("hex"), got },
  });
}

const STORE_FOLDER = "store";
const MESH_META = "mesh";
