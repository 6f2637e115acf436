import { describe, expect, it } from "vitest";
import { CELLS } from "../../../src/core/telemetry/cells.gen.ts";
import { createCells } from "../../../src/core/telemetry/cells.ts";
import { countRefusal } from "../../../src/node/count-refusal.ts";

describe("a refused connection", () => {
  it.each([
    ["host_rate", "linkRefusedHostRate"],
    ["memory", "linkRefusedMemory"],
    ["peer_refused", "linkRefusedPeerRefused"],
    ["frame_stalled", "linkRefusedFraming"],
    ["no_link_stream", "linkRefusedOther"],
    ["constructor", "linkRefusedOther"],
  ] as const)("for %s is counted as %s", (reason, cell) => {
    const cells = createCells();
    countRefusal(cells, reason);
    expect(cells.get(CELLS[cell])).toBe(1);
    expect([...cells.values].filter((value) => value > 0)).toEqual([1]);
  });
});
