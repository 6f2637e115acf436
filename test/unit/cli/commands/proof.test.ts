// `knhk-mesh proof verify`: a proof is checked from its bytes, without a node.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { TYPE_MAP } from "../../../../assembly/layout.ts";
import { runCli } from "../../../../src/cli/program.ts";
import { createKernels } from "../../../../src/kernels/index.ts";
import { verifyProof } from "../../../../src/node/proof.ts";
import { createCrypto } from "../../../../src/node/signature/signature.ts";
import { linkedPair, mapSet, type Swarm } from "../../../support/pair.ts";

const folder = mkdtempSync(join(tmpdir(), "proof-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function saying(swarm: Swarm, value: string): Uint8Array[] {
  const author = swarm.add({ identity: 77, life: 7 });
  author.write(mapSet("k", value));
  author.read(TYPE_MAP, "m", "k");
  swarm.nodes.splice(swarm.nodes.indexOf(author), 1);
  return author.stored;
}

function proofBytes(): Uint8Array {
  const [swarm, a, b] = linkedPair({ kernels: createKernels(), crypto: createCrypto() });
  a.push(b, ...saying(swarm, "heads"));
  a.push(b, ...saying(swarm, "tails"));
  const [proof] = a.core.proofs;
  if (proof === undefined) throw new Error("nothing is proven");
  return proof[1];
}

describe("a proof with real signatures", () => {
  const bytes = proofBytes();

  it("verifies from its file, and names author and seqs", async () => {
    const file = join(folder, "one.proof");
    writeFileSync(file, bytes);
    expect(await runCli(["proof", "verify", file, "--json"])).toBe(0);
    const { author, headers } = verifyProof(bytes);
    expect(author).toMatch(/^[0-9a-f]{64}$/);
    expect(headers.map(({ firstSeq, lastSeq }) => [firstSeq, lastSeq])).toEqual([
      [1, 1],
      [1, 1],
    ]);
    expect(headers[0]?.hash).not.toBe(headers[1]?.hash);
  });

  it("proves nothing with any one byte changed", () => {
    for (let at = 0; at < bytes.length; at += 7) {
      const other = bytes.slice();
      other[at] = (other[at] ?? 0) ^ 0x10;
      expect(() => verifyProof(other)).toThrow(/proves nothing/);
    }
  });

  it("proves nothing when cut, and says so with exit code 1", async () => {
    const file = join(folder, "cut.proof");
    writeFileSync(file, bytes.subarray(0, 100));
    expect(await runCli(["proof", "verify", file, "--json"])).toBe(1);
    expect(await runCli(["proof", "verify", join(folder, "none"), "--json"])).toBe(1);
  });
});
