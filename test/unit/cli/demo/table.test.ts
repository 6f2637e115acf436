import { describe, expect, it } from "vitest";
import { formatTable, type TableRow } from "../../../../src/cli/demo/table.ts";

function rows(count: number): TableRow[] {
  return Array.from({ length: count }, (_, index) => ({
    node: index + 1,
    state: "working",
    members: count,
    links: count - 1,
    finished: 3,
    sees: 10 + index,
    root: "0123456789abcdef",
    holding: ["docs/a/very/long/path/to/some-file-with-a-long-name.md", "src/errors.ts"],
  }));
}

describe("the live table", () => {
  it("fits ten nodes into 80 by 24", () => {
    const lines = formatTable(rows(10), 100, { columns: 80, rows: 24 });
    expect(lines.length).toBe(12);
    expect(lines.filter((line) => line.length >= 80)).toEqual([]);
  });

  it("stays below the height of the terminal and says how many nodes it leaves out", () => {
    const lines = formatTable(rows(40), 100, { columns: 80, rows: 24 });
    expect(lines.length).toBeLessThan(23);
    expect(lines.at(-1)).toBe("  and 21 more");
  });

  it("shows the progress of the node that sees most", () => {
    expect(formatTable(rows(3), 24, { columns: 80, rows: 24 })[0]).toMatch(
      /^#{25}\.{25} 12 of 24 files$/,
    );
  });

  it("shows a node that has not joined yet", () => {
    const [row] = rows(1);
    if (row === undefined) expect.fail("no row");
    const starting = {
      ...row,
      state: "starting",
      members: undefined,
      links: undefined,
      holding: [],
    };
    expect(formatTable([starting], 0, { columns: 80, rows: 24 })[2]).toMatch(
      / 1 {2}starting +- +- /,
    );
  });
});
