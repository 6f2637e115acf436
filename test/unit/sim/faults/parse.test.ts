import { describe, expect, it } from "vitest";
import { isMeshError } from "../../../../src/errors.ts";
import { type FaultProblem, formatFault, parseFaults } from "../../../../src/sim/faults/parse.ts";

const DROP = '{"at": 1200, "do": "net.drop", "src": "*", "dst": "n3", "p": 0.2, "for": 3000}';

function problemsOf(text: string, nodes = 4): readonly FaultProblem[] {
  try {
    parseFaults(text, { nodes });
  } catch (error) {
    if (isMeshError(error, "MESH_FAULTS_INVALID")) {
      return error.details.problems as readonly FaultProblem[];
    }
    throw error;
  }
  return [];
}

describe("a fault file", () => {
  it("is read line by line, blank lines and remarks left out", () => {
    const faults = parseFaults(`# a remark\n\n  ${DROP}\r\n{"at":0,"do":"node.join"}\n`, {
      nodes: 4,
    });
    expect(faults).toEqual([
      { at: 1200, do: "net.drop", src: "*", dst: "n3", p: 0.2, for: 3000 },
      { at: 0, do: "node.join" },
    ]);
  });

  it("reports every problem at once, with line, field, expectation and value", () => {
    const text = [
      DROP.replace("0.2", "1.5").replace("1200", "-1"),
      "no json",
      '{"at": 1, "do": "net.dorp"}',
      DROP.replace('"for"', '"four"'),
    ].join("\n");
    expect(problemsOf(text)).toEqual([
      { line: 1, field: "at", expected: "virtual ms, 0 or more", got: "-1" },
      { line: 1, field: "p", expected: "a number from 0 to 1", got: "1.5" },
      { line: 2, field: "", expected: "a fault as a JSON object", got: "nothing" },
      { line: 3, field: "do", expected: expect.stringContaining("net.drop"), got: '"net.dorp"' },
      { line: 4, field: "for", expected: "virtual ms, 0 or more", got: "nothing" },
      { line: 4, field: "four", expected: expect.stringContaining("for"), got: "3000" },
    ]);
  });

  it("counts nodes that join, and Sybils that run, among those it may name", () => {
    const sybil = '{"at":0,"do":"byz.sybil","node":"n0","as":"answer","count":3,"perSecond":1}';
    const crash = '{"at":9,"do":"node.crash","node":"n7"}';
    expect(problemsOf(`${sybil}\n{"at":0,"do":"node.join"}\n${crash}`)).toEqual([]);
    const silent = sybil.replace("answer", "silent");
    expect(problemsOf(`${silent}\n${crash}`)).toMatchObject([{ line: 2, field: "node" }]);
  });

  it("names its file and lines in the message", () => {
    expect(() => parseFaults("[]", { nodes: 1, file: "storm.jsonl" })).toThrow(
      "storm.jsonl: 1 problem\n  storm.jsonl:1 (line): expected a fault as a JSON object, got []",
    );
  });

  it.each([
    ["a probability above 1", '{"at":0,"do":"net.drop","src":"*","dst":"*","p":1.01,"for":1}', "p"],
    [
      "an unknown kind of Sybil",
      '{"at":0,"do":"byz.sybil","node":"n0","as":"x","count":1,"perSecond":1}',
      "as",
    ],
    [
      "no Sybil at all",
      '{"at":0,"do":"byz.sybil","node":"n0","as":"answer","count":0,"perSecond":1}',
      "count",
    ],
    [
      "an unknown victim",
      '{"at":0,"do":"byz.eclipse","node":"n0","victim":"n4","for":1}',
      "victim",
    ],
    ["a negative time", '{"at":0,"do":"node.pause","node":"n0","for":-1}', "for"],
    ["a time as text", '{"at":"0","do":"node.join"}', "at"],
    ["a node that is not there", '{"at":0,"do":"node.crash","node":"n4"}', "node"],
    ["such a node in a list", '{"at":0,"do":"node.crash","node":["n0","n9"]}', "node"],
    ["a second name of a node", '{"at":0,"do":"node.crash","node":"n01"}', "node"],
    ["an empty list of nodes", '{"at":0,"do":"node.crash","node":[]}', "node"],
    ["one group", '{"at":0,"do":"net.partition","groups":[["n0"]],"for":1}', "groups"],
    [
      "a node in both groups",
      '{"at":0,"do":"net.partition","groups":["n0",["n0"]],"for":1}',
      "groups",
    ],
    ["all in one group", '{"at":0,"do":"net.partition","groups":["*",["n0"]],"for":1}', "groups"],
    [
      "a flap without period",
      '{"at":0,"do":"net.flap","groups":["n0","n1"],"period":0,"for":1}',
      "period",
    ],
    ["an unknown disk", '{"at":0,"do":"node.restart","node":"n0","disk":"full"}', "disk"],
    ["an unknown behaviour", '{"at":0,"do":"byz.behave","node":"n0","as":"nice","for":1}', "as"],
    [
      "an operation everywhere",
      '{"at":0,"do":"op.inc","src":"*","collection":"c","key":"","by":1}',
      "src",
    ],
    [
      "half an increment",
      '{"at":0,"do":"op.inc","src":"n0","collection":"c","key":"","by":0.5}',
      "by",
    ],
    ["a name of Object.prototype", '{"at":0,"do":"toString"}', "do"],
    ["a factor below 1", '{"at":0,"do":"node.slow","node":"n0","factor":0.5,"for":1}', "factor"],
  ])("refuses %s", (_what, line, field) => {
    expect(problemsOf(line).map((problem) => problem.field)).toEqual([field]);
  });

  it("knows the nodes that its own joins add", () => {
    const crash = '{"at":9,"do":"node.crash","node":"n4"}';
    expect(problemsOf(crash)).toHaveLength(1);
    expect(problemsOf(`${crash}\n{"at":5,"do":"node.join"}`)).toEqual([]);
  });

  it("cuts a long value short", () => {
    expect(problemsOf(JSON.stringify({ do: "x".repeat(500) }))[0]?.got).toHaveLength(80);
  });

  it("is written with time and name first", () => {
    expect(formatFault({ do: "node.crash", node: "n1", at: 5 })).toBe(
      '{"at":5,"do":"node.crash","node":"n1"}',
    );
  });
});
