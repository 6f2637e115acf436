/**
 * What each fault takes, as a table: one row a fault, one check a field. Parsing, drawing and the
 * documents go by it; a fault that is not here does not exist.
 */
import { BEHAVIOURS, type Fault, SYBILS } from "./fault.ts";

/** What is accepted in a field. */
export interface Check {
  /** For people: `a number from 0 to 1`. */
  readonly expected: string;
  readonly accepts: (value: unknown) => boolean;
  /** Names of nodes in the value; `*` is none. */
  readonly nodes?: (value: unknown) => readonly string[];
}

export type FaultName = Fault["do"];

const time: Check = {
  expected: "virtual ms, 0 or more",
  accepts: (value) => isNumber(value) && value >= 0,
};
const period: Check = {
  expected: "virtual ms, more than 0",
  accepts: (value) => isNumber(value) && value > 0,
};
const probability: Check = {
  expected: "a number from 0 to 1",
  accepts: (value) => isNumber(value) && value >= 0 && value <= 1,
};
const factor: Check = {
  expected: "a number, 1 or more",
  accepts: (value) => isNumber(value) && value >= 1,
};
const finite: Check = { expected: "a number", accepts: isNumber };
const whole: Check = { expected: "a whole number", accepts: Number.isSafeInteger };
const text: Check = { expected: "text", accepts: (value) => typeof value === "string" };
const name: Check = {
  expected: "text, not empty",
  accepts: (value) => typeof value === "string" && value !== "",
};
const json: Check = { expected: "any JSON value", accepts: () => true };
const count: Check = {
  expected: "a whole number from 1 to 10,000",
  accepts: (value) => isNumber(value) && Number.isInteger(value) && value >= 1 && value <= 10_000,
};
const rate: Check = {
  expected: "a number, more than 0",
  accepts: (value) => isNumber(value) && value > 0,
};
const behaviour = oneOf(BEHAVIOURS);
const sybil = oneOf(SYBILS);
const disk = oneOf(["kept", "lost", "rolledback"]);
const node: Check = {
  expected: 'the name of a node, such as "n0"',
  accepts: isNodeName,
  nodes: (value) => [value as string],
};
const nodeSet: Check = {
  expected: 'a name such as "n0", a list of names, or "*"',
  accepts: isNodeSet,
  nodes: namesOf,
};
const groups: Check = {
  expected: "two or more lists of nodes, no node in two of them",
  accepts: isGroups,
  nodes: (value) => (value as readonly unknown[]).flatMap(namesOf),
};

const link = { src: nodeSet, dst: nodeSet };
const lossy = { ...link, p: probability, for: time };
const operation = { src: node, collection: name, key: text };
const element = { ...operation, element: text };

/** Every fault with its fields, `at` and `do` left out; each field is required. */
export const FAULT_FIELDS: Readonly<Record<FaultName, Readonly<Record<string, Check>>>> = {
  "net.drop": lossy,
  "net.duplicate": lossy,
  "net.reorder": lossy,
  "net.corrupt": lossy,
  "net.delay": { ...link, mean: time, jitter: time, for: time },
  "net.partition": { groups, for: time },
  "net.oneway": { from: nodeSet, to: nodeSet, for: time },
  "net.flap": { groups, period, for: time },
  "node.crash": { node: nodeSet },
  "node.leave": { node: nodeSet },
  "node.restart": { node: nodeSet, disk },
  "node.pause": { node: nodeSet, for: time },
  "node.slow": { node: nodeSet, factor, for: time },
  "node.away": { node: nodeSet, for: time },
  "node.join": {},
  "clock.jump": { node: nodeSet, ms: finite },
  "clock.skew": { node: nodeSet, ppm: finite },
  "byz.behave": { node: nodeSet, as: behaviour, for: time },
  "byz.sybil": { node, as: sybil, count, perSecond: rate },
  "byz.eclipse": { node: nodeSet, victim: node, for: time },
  "op.set": { ...operation, value: json },
  "op.add": element,
  "op.remove": element,
  "op.inc": { ...operation, by: whole },
};

/** The check of `at`, which every fault has. */
export const AT_CHECK: Check = time;

/** Nodes that a fault adds: they take the next free names. */
export function nodesAddedBy(fault: Fault): number {
  if (fault.do === "byz.sybil") return fault.as === "silent" ? 0 : fault.count;
  return fault.do === "node.join" ? 1 : 0;
}

/** Position of a node by its name: 3 for `n3`; undefined for what is no name. */
export function indexOfNode(nodeName: string): number | undefined {
  return NODE_NAME.test(nodeName) ? Number(nodeName.slice(1)) : undefined;
}

function oneOf(words: readonly string[]): Check {
  return {
    expected: `one of ${words.join(", ")}`,
    accepts: (value) => words.some((word) => word === value),
  };
}

function isNumber(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value);
}

function isNodeName(value: unknown): value is string {
  return typeof value === "string" && NODE_NAME.test(value);
}

function isNodeSet(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0 && value.every(isNodeName);
  return value === "*" || isNodeName(value);
}

function isGroups(value: unknown): boolean {
  if (!Array.isArray(value) || value.length < 2 || !value.every(isNodeSet)) return false;
  const names = value.flatMap((group) => (group === "*" ? ["*"] : [...new Set(namesOf(group))]));
  // Whoever is in two groups would be cut off from itself; "*" is in all of them.
  return !names.includes("*") && new Set(names).size === names.length;
}

function namesOf(value: unknown): readonly string[] {
  if (value === "*") return [];
  return Array.isArray(value) ? value : [value as string];
}

/** No leading zeros, so that one node has one name. */
const NODE_NAME = /^n(0|[1-9]\d{0,6})$/;
