/** Data folders of nodes that a test's authority has certified, by the clock of this machine. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Certificate } from "../../src/core/wire/certificate.ts";
import type { Credential } from "../../src/core/wire/credential.ts";
import type { JoinOptions } from "../../src/node/api/join-options.ts";
import { loadOrCreateIdentity } from "../../src/node/identity.ts";
import { CERTIFICATE_FILE, writeCredential } from "../../src/node/security/credential-file.ts";
import { HOUR_MS, type TestAuthority } from "./credentials.ts";
import { temporaryFolder } from "./folders.ts";

export interface CertifiedFolder {
  readonly dataDir: string;
  /** What a node of the folder joins with. */
  readonly options: JoinOptions;
  /** Writes another certificate of the node's key. @returns it. */
  certify(changes?: Partial<Certificate>): Promise<Credential>;
}

/** A folder with an identity and a certificate that began an hour ago and ends tomorrow. */
export async function certifiedFolder(
  authority: TestAuthority,
  changes: Partial<Certificate> = {},
): Promise<CertifiedFolder> {
  const dataDir = join(await temporaryFolder(), "data");
  await mkdir(dataDir);
  const { nodeId } = await loadOrCreateIdentity(join(dataDir, "identity.key"));
  const certify: CertifiedFolder["certify"] = async (given = {}) => {
    const nowMs = Date.now();
    const times = { notBefore: nowMs - HOUR_MS, notAfter: nowMs + 24 * HOUR_MS };
    const credential = authority.issue(nodeId, { ...times, ...given });
    await writeCredential(join(dataDir, CERTIFICATE_FILE), credential);
    return credential;
  };
  await certify(changes);
  const options: JoinOptions = {
    mesh: authority.mesh,
    authority: authority.anchor.authority,
    dataDir,
    store: "memory",
  };
  return { dataDir, options, certify };
}
