// A real node is killed a hundred times while it writes (a thousand: npm run test:crash). What was
// acknowledged as durable is held by every node afterwards, and nothing is counted twice.
import { expect, it } from "vitest";
import { runCrashes } from "../support/crash-mesh.ts";

it("loses nothing durable and counts nothing twice over 100 kills", {
  timeout: 1_200_000,
}, async () => {
  const report = await runCrashes({ moments: 100, seed: 4, note: () => undefined });
  expect(report).toMatchObject({ lost: [], miscounted: [], forks: [], failedOpens: [], roots: 1 });
  expect(report.kills).toBe(100);
  expect(report.acknowledged).toBeGreaterThan(1_000);
  // How soon it writes again depends on the machine: `npm run test:crash` measures and judges that.
  expect(report.writableMs).toHaveLength(100);
});
