/** All proofs as they are stored: each, and then its author's credential, behind a length of u16. */
import type { CoreState } from "../core-state.ts";
import type { CarriedProof } from "../wire/proof-frame.ts";
import { Reader } from "../wire/reader.ts";
import { Writer } from "../wire/writer.ts";

export function encodeProofs(core: CoreState): Uint8Array {
  const writer = new Writer(512);
  for (const [, { bytes, credential }] of core.proofs.all()) {
    writer.u16(bytes.length).bytes(bytes).u16(credential.length).bytes(credential);
  }
  return writer.finish();
}

/** Undefined when the bytes cannot be cut; nothing else is checked. Views into `stored`. */
export function decodeProofs(stored: Uint8Array): CarriedProof[] | undefined {
  const reader = new Reader(stored);
  const proofs: CarriedProof[] = [];
  while (reader.ok && reader.remaining > 0) {
    const bytes = reader.view(reader.u16());
    proofs.push({ bytes, credential: reader.view(reader.u16()) });
  }
  return reader.finished ? proofs : undefined;
}
