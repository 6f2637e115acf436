/**
 * One durable write, for a trace of its system calls: `node test/support/durable-write.ts FOLDER`.
 * Says "writing" and "acknowledged" around it, each in one system call.
 */
import { writeSync } from "node:fs";
import { Mesh } from "../../src/node/mesh.ts";

const mesh = await Mesh.join({ transport: "memory", dataDir: process.argv[2] ?? "" });
await mesh.map("m").set("first", "the record of this life is on disk before the trace begins", {
  ack: "durable",
});
writeSync(1, "writing\n");
await mesh.map("m").set("key", "value", { ack: "durable" });
writeSync(1, "acknowledged\n");
await mesh.close();
