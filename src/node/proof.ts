/** Checks a proof of equivocation from its bytes alone: no mesh, no node, no clock. */

import { hexFromBytes } from "../core/node-id.ts";
import { contradict, proofChecks } from "../core/trust/evidence.ts";
import type { DeltaHeader } from "../core/wire/delta.ts";
import { decodeProof } from "../core/wire/proof.ts";
import { MeshError } from "../errors.ts";
import { createKernels } from "../kernels/index.ts";
import { peerIdFromNodeId } from "./node-id.ts";
import { createCrypto } from "./signature/signature.ts";

/** What a proof shows. */
export interface ProvenEquivocation {
  /** Hex. */
  readonly author: string;
  /** Text form of the author's id. */
  readonly peerId: string;
  /** Hex, 16 bytes: BLAKE3 of the mesh's name, cut. */
  readonly meshId: string;
  readonly epoch: string;
  readonly nonce: string;
  /** First and last seq, and hash, of the two headers. */
  readonly headers: readonly ProvenHeader[];
}

export interface ProvenHeader {
  readonly firstSeq: number;
  readonly lastSeq: number;
  /** Hex, BLAKE3 of the 160 bytes that the author signed. */
  readonly hash: string;
}

/**
 * @param bytes as `knhk-mesh proof list --out` writes them; borrowed.
 * @throws MeshError MESH_PROOF_INVALID, which says what does not hold.
 */
export function verifyProof(bytes: Uint8Array): ProvenEquivocation {
  const { blake3 } = createKernels();
  const proof = decodeProof(bytes, blake3);
  if (proof === undefined) throw invalid("it is not in the format of a proof");
  if (!contradict(proof.headers, blake3)) throw invalid("an honest author may have signed both");
  const crypto = createCrypto();
  const bad = proofChecks(proof).findIndex(
    ({ signature, message, publicKey }) => !crypto.verify(signature, message, publicKey),
  );
  if (bad >= 0) throw invalid(`signature ${bad + 1} does not hold`);
  const [{ header }] = proof.headers;
  return {
    author: proof.author,
    peerId: peerIdFromNodeId(proof.author),
    meshId: hexFromBytes(header.meshId),
    epoch: header.epoch.toString(),
    nonce: header.nonce.toString(),
    headers: proof.headers.map((signed) => ({
      ...seqsOf(signed.header),
      hash: hexFromBytes(blake3(signed.bytes)),
    })),
  };
}

function seqsOf({ firstSeq, count }: DeltaHeader) {
  return { firstSeq, lastSeq: firstSeq + count - 1 };
}

function invalid(why: string): MeshError {
  return new MeshError("MESH_PROOF_INVALID", `this proves nothing: ${why}`);
}
