/** What the simulator reads of a core beside its events. */
import { HASH_BYTES } from "../../../assembly/layout.ts";
import type { MeshCore } from "../../core/mesh-core.ts";
import { hexFromBytes } from "../../core/node-id.ts";
import type { Now } from "../../core/now.ts";

export function isReadOnly(core: MeshCore): boolean {
  return core.readOnly;
}

/** The mesh's root, hex; without closing an open delta. */
export function rootOf(core: MeshCore, now: Now): string {
  core.read(0, "", undefined, now);
  return hexFromBytes(core.root());
}

export interface Roots {
  readonly root: Uint8Array;
  readonly frontierRoot: Uint8Array;
}

/** The roots that a node itself would show: who is shown them believes itself up to date. */
export function rootsOf(core: MeshCore | undefined, now: Now): Roots {
  if (core === undefined) return { root: NO_ROOT, frontierRoot: NO_ROOT };
  const replica = core.read(0, "", undefined, now);
  return { root: core.root(), frontierRoot: replica.frontierRoot() };
}

const NO_ROOT = new Uint8Array(HASH_BYTES);
