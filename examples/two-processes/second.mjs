/** Joins through the address given, sets a task and waits until the other process has done it. */
import { Mesh } from "knhk-mesh";

const signal = AbortSignal.timeout(60_000);
await using mesh = await Mesh.join({
  mesh: "two-processes",
  seeds: process.argv.slice(2),
  signal,
});
const [peer] = mesh.status().peers;
console.log(`joined over ${peer?.suite}`);

const tasks = mesh.map("tasks");
const changes = tasks.watch({ signal });
await tasks.set("t1", { title: "index the docs", state: "open" });
for await (const { key } of changes) {
  if (tasks.get(key).state !== "done") continue;
  console.log(`${key} is done`);
  break;
}
