// The system calls of one durable write: the log is written, then synced, then the write is
// acknowledged. Needs strace; without it there is nothing to see, and the test says so.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { temporaryFolder } from "../support/folders.ts";

const PROGRAM = fileURLToPath(new URL("../support/durable-write.ts", import.meta.url));
const hasStrace = spawnSync("strace", ["-V"]).status === 0;

it.skipIf(!hasStrace)("syncs the log before a durable write is acknowledged", async () => {
  const calls = ["-f", "-y", "-e", "trace=pwrite64,fsync,fdatasync,write"];
  const program = [process.execPath, PROGRAM, await temporaryFolder()];
  const { status, stderr } = spawnSync("strace", [...calls, ...program], { encoding: "utf8" });
  expect(status, stderr.slice(-2_000)).toBe(0);
  const lines = stderr.split("\n");
  const from = lines.findIndex((line) => line.includes('"writing\\n"'));
  const to = lines.findIndex((line) => line.includes('"acknowledged\\n"'));
  expect(from).toBeGreaterThan(0);
  const during = lines.slice(from, to).filter((line) => line.includes("store.db-wal>"));
  const lastWrite = during.findLastIndex((line) => line.includes("pwrite64("));
  const sync = during.findLastIndex((line) => /\b(fsync|fdatasync)\(.*= 0$/.test(line));
  expect(lastWrite, during.join("\n")).toBeGreaterThanOrEqual(0);
  expect(sync, during.join("\n")).toBeGreaterThan(lastWrite);
});
