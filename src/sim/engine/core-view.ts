/** What the simulator reads of a core beside its events. */
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
