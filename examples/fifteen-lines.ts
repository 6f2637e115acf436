/** Two nodes in one process: shared state and a direct message. In your code: from "knhk-mesh". */
import { Mesh } from "../src/index.ts";

await using alice = await Mesh.join({ mesh: "fifteen-lines" });
await using bob = await Mesh.join({ mesh: "fifteen-lines", seeds: alice.addresses });

const changes = bob.map("tasks").watch({ signal: AbortSignal.timeout(10_000) });
await alice.map("tasks").set("t1", { title: "index the docs" });
for await (const { key, value } of changes) {
  console.log("bob sees", key, value);
  break;
}

const planner = alice.agent("planner", { capabilities: ["planning"] });
await bob.agent("coder").send(planner.address, { done: "t1" });
for await (const { from, body } of planner.inbox()) {
  console.log("planner reads", body, "from", from.split("@")[0]);
  break;
}
