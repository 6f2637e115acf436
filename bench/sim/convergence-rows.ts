/** Rows about writes: how long, how many rounds, at what cost on the wire. */
import { budget, convergenceMsNeeded, enoughSamples, oneRun, type Row } from "./row.ts";

/** One write at a time, from random nodes, one region, no faults. */
export function converge(nodes: number, writes: number): Row {
  const name = `converge-${nodes}-max-ms`;
  const options = { seed: 1, nodes, ...calmWrites(writes) };
  return oneRun(name, { options }, (result) => [
    budget(name, result.convergence.maxMs, `< ${convergenceMsNeeded(nodes)}`),
    enoughSamples(name, result, writes * MOST),
  ]);
}

/** N11: no push at all, 100 ms rounds. */
export function roundsOnly(nodes: number, roundsNeeded: number, writes: number): Row {
  const name = `rounds-only-${nodes}`;
  const options = { seed: 1, nodes, push: false, tree: false, ...calmWrites(writes) };
  return oneRun(name, { options }, (result) => [
    budget(`${name} rounds`, result.convergence.rounds, `<= ${roundsNeeded}`),
    budget(`${name} max ms`, result.convergence.maxMs, ""),
    enoughSamples(name, result, writes * MOST),
  ]);
}

/** N14: every frame is lost with a probability of 30 %. */
export function loss30(nodes: number, writes: number): Row {
  const name = `loss30-${nodes}`;
  const options = { seed: 1, nodes, loss: 0.3, ...calmWrites(writes) };
  return oneRun(name, { options }, (result) => [
    budget(`${name} max ms`, result.convergence.maxMs, "<= 2000"),
    budget(`${name} rounds`, result.convergence.rounds, ""),
    enoughSamples(name, result, writes * MOST),
  ]);
}

/** N16: nobody writes. */
export function idle(nodes: number, durationMs: number): Row {
  const name = `idle-bandwidth-${nodes}`;
  const options = { seed: 1, nodes, durationMs, writesPerSecond: 0 };
  return oneRun(name, { options }, ({ network: { bytesPerNodePerSecond }, heapBytesPerNode }) => [
    budget(`${name} mean bytes/s`, bytesPerNodePerSecond.mean, "<= 640"),
    budget(`${name} p99 bytes/s`, bytesPerNodePerSecond.p99, "<= 5600"),
    budget(`${name} heap bytes a node`, heapBytesPerNode, ""),
  ]);
}

/** The figures that a published broadcast tree asserts, on its links. */
export function broadcast(nodes: number, writes: number): Row {
  const name = `broadcast-${nodes}`;
  const latencyMs = { min: 10, max: 100 };
  const options = { seed: 1, nodes, latencyMs, ...calmWrites(writes) };
  return oneRun(name, { options }, (result) => [
    budget(`${name} redundancy`, result.network.redundancy, "< 0.2"),
    budget(`${name} last delivery hop`, result.network.lastDeliveryHop, "< 15"),
    budget(`${name} missed`, result.acknowledged - result.convergence.samples, "= 0"),
    budget(`${name} roots`, result.distinctRoots, "= 1"),
  ]);
}

function calmWrites(writes: number) {
  return { writesPerSecond: WRITES_PER_SECOND, durationMs: (1_000 * writes) / WRITES_PER_SECOND };
}

/** So few that one write has ended before the next begins. */
const WRITES_PER_SECOND = 10;
/** How many writes fall into the time is drawn. */
const MOST = 0.8;
