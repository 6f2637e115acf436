/** Starts a mesh, prints its address, waits for a task, marks it done and leaves. */
import { Mesh } from "knhk-mesh";

const signal = AbortSignal.timeout(60_000);
await using mesh = await Mesh.join({ mesh: "two-processes", signal });
console.log(mesh.addresses[0]);

const tasks = mesh.map("tasks");
for await (const { key, value } of tasks.watch({ initial: true, signal })) {
  await tasks.set(key, { ...value, state: "done" });
  console.log(`did ${key}: ${value.title}`);
  break; // leaving sends what is queued
}
