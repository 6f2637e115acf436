/**
 * What many cores of one process hold alike is held once: equal signed bytes become one object,
 * found by words of their signature, which no two of them share unless somebody forges. Whoever
 * takes bytes from here must not change them. Bounded: what finds its place taken, or no room, is
 * not shared.
 */
import { SIGNATURE_BYTES } from "../../assembly/layout.ts";
import { bytesEqual, decodeMember, type SignedMember } from "./wire/member.ts";

export class Interner {
  readonly #deltas = new Map<number, Uint8Array>();
  readonly #members = new Map<number, SignedMember>();
  readonly #meshId: Uint8Array;
  readonly #heldMax: number;

  /** @param heldMax objects of each kind. */
  constructor(meshId: Uint8Array, heldMax: number) {
    this.#meshId = meshId;
    this.#heldMax = heldMax;
  }

  /**
   * Equal bytes that are nobody's to change: shared ones, or a copy.
   * @param signatureAt where in `delta` its signature begins.
   */
  delta(delta: Uint8Array, signatureAt: number): Uint8Array {
    const key = keyAt(delta, signatureAt);
    const known = this.#deltas.get(key);
    if (known !== undefined && bytesEqual(known, delta)) return known;
    const bytes = delta.slice();
    if (known === undefined && this.#deltas.size < this.#heldMax) this.#deltas.set(key, bytes);
    return bytes;
  }

  /** As {@link decodeMember} of this mesh; the record and its bytes are shared. */
  member(bytes: Uint8Array): SignedMember | undefined {
    const key = keyAt(bytes, bytes.length - SIGNATURE_BYTES);
    const known = this.#members.get(key);
    if (known !== undefined && bytesEqual(known.bytes, bytes)) return known;
    const decoded = decodeMember(bytes, this.#meshId);
    if (decoded === undefined || known !== undefined) return decoded;
    const member = { record: decoded.record, bytes: bytes.slice(), shared: true };
    if (this.#members.size < this.#heldMax) this.#members.set(key, member);
    return member;
  }
}

/** 48 bits of a signature, its R; NaN is a key like any other for bytes too short to have one. */
function keyAt(bytes: Uint8Array, at: number): number {
  let key = 0;
  for (let i = 0; i < 6; i++) key = key * 256 + (bytes[at + i] ?? Number.NaN);
  return key;
}
