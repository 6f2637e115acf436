/**
 * `npm run test:crash [-- moments [seed]]`: SIGKILL of real node processes at random moments under
 * load, 1,000 unless told otherwise. Exits 1 when a durable write was lost, a counter counted
 * twice, a node forked, a store did not open, or a node took longer than 5 s to write again.
 */
import { runCrashes } from "../test/support/crash-mesh.ts";

const WRITABLE_MS_MAX = 5_000;
/** A mesh is replaced by a new one after so many kills: history is not compacted yet. */
const KILLS_A_MESH = 250;

const moments = Number(process.argv[2] ?? 1_000);
const seed = Number(process.argv[3] ?? Date.now() % 1_000_000);
let holds = true;
for (let done = 0; done < moments; done += KILLS_A_MESH) {
  const kills = Math.min(KILLS_A_MESH, moments - done);
  process.stderr.write(`kills ${done + 1} to ${done + kills} of ${moments}, seed ${seed + done}\n`);
  holds = (await runMesh(kills, seed + done)) && holds;
}
process.exitCode = holds ? 0 : 1;

async function runMesh(kills: number, meshSeed: number): Promise<boolean> {
  const note = (line: string) => process.stderr.write(`${line}\n`);
  const report = await runCrashes({ moments: kills, seed: meshSeed, note });
  const { writableMs, joinedMs, ...found } = report;
  const slowestMs = { joined: Math.max(...joinedMs), writable: Math.max(...writableMs) };
  process.stdout.write(`${JSON.stringify({ seed: meshSeed, ...found, slowestMs })}\n`);
  const faults = [found.lost, found.miscounted, found.forks, found.failedOpens].flat();
  return faults.length === 0 && found.roots === 1 && slowestMs.writable <= WRITABLE_MS_MAX;
}
