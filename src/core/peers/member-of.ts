/** A member record from its signed bytes, shared with other cores where they are. */
import type { CoreState } from "../core-state.ts";
import { decodeMember, type SignedMember } from "../wire/member.ts";

/** Undefined when malformed or of another mesh; the signature is not checked. `bytes` is kept. */
export function memberOf({ config, deps }: CoreState, bytes: Uint8Array): SignedMember | undefined {
  return deps.interner === undefined
    ? decodeMember(bytes, config.meshId)
    : deps.interner.member(bytes);
}
