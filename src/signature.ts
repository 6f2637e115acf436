/**
 * `knhk-mesh/signature`: the mesh's one rule for ed25519 signatures, mesh-ed25519-v1, on its own.
 *
 * For tools that check or make what members sign without joining a mesh. Re-exports only.
 */
export {
  type BackendChoice,
  type CryptoOptions,
  generateKey,
  type KeyPair,
  sign,
  verify,
} from "./node/signature/signature.ts";
