/**
 * A thread that checks signatures: it says that it is ready, gets packed checks, and answers one verdict
 * byte for each, in the order in which it was asked. Started by verify-pool.ts with the name of the
 * backend, so that it judges as the node does.
 */
import { parentPort, workerData } from "node:worker_threads";
import type { BackendName } from "../signature/backend.ts";
import { createCrypto } from "../signature/signature.ts";
import { unpackChecks } from "./packed-checks.ts";

const { backend } = workerData as { readonly backend: BackendName };
const crypto = createCrypto({ backend });

parentPort?.on("message", (packed: Uint8Array) => {
  const verdicts = Uint8Array.from(unpackChecks(packed), ({ signature, message, publicKey }) =>
    crypto.verify(signature, message, publicKey) ? 1 : 0,
  );
  parentPort?.postMessage(verdicts, [verdicts.buffer]);
});
// Ready.
parentPort?.postMessage(new Uint8Array(0));
