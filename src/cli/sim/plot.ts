/**
 * A run as a picture: how long writes took to reach every node, and what the mesh sent, over one
 * axis of virtual time. docs/decisions/0008 says by what it is drawn.
 */
import { scaleLinear, scaleLog } from "d3-scale";
import { area, curveStepAfter, line } from "d3-shape";
import type { SimResult } from "../../sim/result.ts";
import type { ConvergenceSample, PlotSamples } from "./samples.ts";
import { element, label } from "./svg.ts";

/** An SVG document of 960 by 640. */
export function drawPlot(result: SimResult, samples: PlotSamples): string {
  const seconds = Math.max(1, endOf(samples), result.virtualMs / 1_000);
  const x = scaleLinear([0, seconds], [LEFT, WIDTH - RIGHT]);
  const body = [
    element("rect", { width: WIDTH, height: HEIGHT, fill: "#ffffff" }),
    label(titleOf(result), { x: LEFT, y: 30, "font-size": 17, "font-weight": 600, fill: INK }),
    label(subtitleOf(result), { x: LEFT, y: 50, "font-size": 13, fill: MUTED }),
    ...convergencePanel(samples.convergence, x, seconds),
    ...bandwidthPanel(samples.bytesBySecond, result.nodes, x),
    ...timeAxis(x),
  ];
  const attributes = {
    xmlns: "http://www.w3.org/2000/svg",
    viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
    width: WIDTH,
    height: HEIGHT,
    "font-family": "Helvetica, Arial, 'DejaVu Sans', sans-serif",
  };
  return `${element("svg", attributes, `\n${body.join("\n")}\n`)}\n`;
}

type Scale = (value: number) => number;
interface TimeScale extends Scale {
  ticks(count?: number): number[];
}

/** One dot a write, and the median and the slowest of each slice of time. */
function convergencePanel(
  samples: readonly ConvergenceSample[],
  x: TimeScale,
  seconds: number,
): string[] {
  const { top, bottom } = PANELS.convergence;
  const took = samples.map(({ tookMs }) => Math.max(tookMs, TOOK_MS_LEAST));
  const low = 10 ** Math.floor(Math.log10(Math.min(10, ...finite(took))));
  const high = 10 ** Math.ceil(Math.log10(Math.max(100, ...finite(took)) * 1.05));
  const y = scaleLog([low, high], [bottom, top]);
  const decades = y.ticks().filter((tick) => Number.isInteger(Math.log10(tick)));
  // Every so many, or the file grows to megabytes; the curves are of all.
  const every = Math.ceil(samples.length / DOTS);
  const shown = samples.filter((_, index) => index % every === 0);
  const dots = shown.map((sample) =>
    element("circle", {
      cx: x(sample.atMs / 1_000),
      cy: y(Math.max(sample.tookMs, TOOK_MS_LEAST)),
      r: 2,
      fill: BLUE,
      "fill-opacity": shown.length > 2_000 ? 0.15 : 0.35,
    }),
  );
  const slices = slicesOf(samples, seconds);
  const curve = (value: (slice: Slice) => number) =>
    line<Slice>(
      (slice) => x(slice.second),
      (slice) => y(value(slice)),
    )(slices) ?? "";
  return [
    ...panelFrame("Convergence: from a write to its last node", PANELS.convergence),
    ...yAxis(decades, y, (ms) => (ms >= 1_000 ? `${ms / 1_000} s` : `${ms} ms`)),
    ...dots,
    element("path", { d: curve((slice) => slice.slowest), ...stroke(RED, 1.5) }),
    element("path", { d: curve((slice) => slice.median), ...stroke(DARK_BLUE, 2) }),
    ...legend(top, [
      [every > 1 ? `one write in ${every}` : "one write", BLUE],
      ["median", DARK_BLUE],
      ["slowest", RED],
    ]),
    ...(samples.length === 0 ? [nothing("no write reached every node", PANELS.convergence)] : []),
  ];
}

/** Per node, so that meshes of any size compare. */
function bandwidthPanel(bytes: readonly number[], nodes: number, x: TimeScale): string[] {
  const { top, bottom } = PANELS.bandwidth;
  const kilobytes = bytes.map((value) => value / nodes / 1_000);
  const mean = kilobytes.reduce((sum, value) => sum + value, 0) / Math.max(1, kilobytes.length);
  const y = scaleLinear([0, Math.max(0.1, ...kilobytes) * 1.08], [bottom, top]).nice(5);
  // A last point, so that the last second has a width.
  const steps = [...kilobytes, ...kilobytes.slice(-1)];
  const shape = area<number>(
    (_, second) => x(second),
    bottom,
    (value) => y(value),
  );
  const edge = line<number>(
    (_, second) => x(second),
    (value) => y(value),
  );
  return [
    ...panelFrame("Bandwidth: sent by a node, mean over the mesh", PANELS.bandwidth),
    ...yAxis(y.ticks(5), y, (value) => `${Number(value.toPrecision(3))} KB/s`),
    element("path", { d: shape.curve(curveStepAfter)(steps) ?? "", fill: GREEN, opacity: 0.25 }),
    element("path", { d: edge.curve(curveStepAfter)(steps) ?? "", ...stroke(GREEN, 1.5) }),
    ...(bytes.length === 0
      ? [nothing("nothing was sent", PANELS.bandwidth)]
      : [
          meanLine(y(mean)),
          ...legend(top, [
            ["sent in a second", GREEN],
            [`mean ${mean.toPrecision(3)} KB/s`, INK],
          ]),
        ]),
  ];
}

function meanLine(y: number): string {
  return element("line", {
    x1: LEFT,
    x2: WIDTH - RIGHT,
    y1: y,
    y2: y,
    ...stroke(INK, 1),
    "stroke-dasharray": "5 4",
  });
}

interface Slice {
  /** Its middle. */
  readonly second: number;
  readonly median: number;
  readonly slowest: number;
}

/** About sixty slices of time; empty ones are left out. */
function slicesOf(samples: readonly ConvergenceSample[], seconds: number): Slice[] {
  const width = seconds / SLICES;
  const slices = new Map<number, number[]>();
  for (const { atMs, tookMs } of samples) {
    const slice = Math.min(SLICES - 1, Math.floor(atMs / 1_000 / width));
    const held = slices.get(slice) ?? [];
    held.push(Math.max(tookMs, TOOK_MS_LEAST));
    slices.set(slice, held);
  }
  return [...slices]
    .toSorted(([a], [b]) => a - b)
    .map(([slice, took]) => {
      const sorted = took.toSorted((a, b) => a - b);
      return {
        second: (slice + 0.5) * width,
        median: sorted[Math.ceil(sorted.length / 2) - 1] ?? 0,
        slowest: sorted.at(-1) ?? 0,
      };
    });
}

interface Panel {
  readonly top: number;
  readonly bottom: number;
}

function panelFrame(title: string, { top, bottom }: Panel): string[] {
  return [
    label(title, { x: LEFT, y: top - 12, "font-size": 14, "font-weight": 600, fill: INK }),
    element("line", { x1: LEFT, x2: WIDTH - RIGHT, y1: bottom, y2: bottom, ...stroke(INK, 1) }),
  ];
}

function yAxis(ticks: readonly number[], y: Scale, format: (tick: number) => string): string[] {
  return ticks.flatMap((tick) => [
    element("line", { x1: LEFT, x2: WIDTH - RIGHT, y1: y(tick), y2: y(tick), ...stroke(GRID, 1) }),
    label(format(tick), {
      x: LEFT - 10,
      y: y(tick) + 4,
      "font-size": 12,
      "text-anchor": "end",
      fill: MUTED,
    }),
  ]);
}

function timeAxis(x: TimeScale): string[] {
  const { bottom } = PANELS.bandwidth;
  const ticks = x.ticks(10).flatMap((tick) => [
    element("line", { x1: x(tick), x2: x(tick), y1: bottom, y2: bottom + 5, ...stroke(INK, 1) }),
    label(`${tick}`, {
      x: x(tick),
      y: bottom + 20,
      "font-size": 12,
      "text-anchor": "middle",
      fill: MUTED,
    }),
  ]);
  const title = label("virtual time, s", {
    x: (LEFT + WIDTH - RIGHT) / 2,
    y: bottom + 42,
    "font-size": 13,
    "text-anchor": "middle",
    fill: INK,
  });
  return [...ticks, title];
}

/** To the right, above the panel. No browser measures text here: the widths suit wide fonts too. */
function legend(top: number, entries: readonly (readonly [string, string])[]): string[] {
  let left = WIDTH - RIGHT;
  return entries.toReversed().flatMap(([name, colour]) => {
    left -= name.length * CHARACTER_WIDTH + SWATCH_WIDTH;
    const text = { x: left + 14, y: top - 12, "font-size": 12, fill: MUTED };
    const swatch = { x: left, y: top - 21, width: 9, height: 9, fill: colour };
    left -= 12;
    return [element("rect", swatch), label(name, text)];
  });
}

function nothing(text: string, { top, bottom }: Panel): string {
  return label(text, {
    x: (LEFT + WIDTH - RIGHT) / 2,
    y: (top + bottom) / 2,
    "font-size": 14,
    "text-anchor": "middle",
    fill: MUTED,
  });
}

function titleOf({ nodes, seed, virtualMs }: SimResult): string {
  return `${nodes.toLocaleString("en-US")} nodes, seed ${seed}, ${(virtualMs / 1_000).toFixed(0)} virtual s`;
}

function subtitleOf({ convergence, network, violations, acknowledged }: SimResult): string {
  const broken = violations.length === 0 ? "no violation" : `${violations.length} violations`;
  return (
    `${acknowledged.toLocaleString("en-US")} writes: p50 ${convergence.p50Ms.toFixed(1)} ms, ` +
    `p99 ${convergence.p99Ms.toFixed(1)} ms, max ${convergence.maxMs.toFixed(1)} ms · ` +
    `${(network.bytesPerNodePerSecond.mean / 1_000).toFixed(2)} KB/s a node · ${broken}`
  );
}

function endOf({ convergence, bytesBySecond }: PlotSamples): number {
  const last = convergence.reduce((end, { atMs }) => Math.max(end, atMs / 1_000), 0);
  return Math.max(last, bytesBySecond.length);
}

function finite(values: readonly number[]): number[] {
  // Spread into Math.max: a long run has more writes than a call takes arguments.
  let low = Number.POSITIVE_INFINITY;
  let high = 0;
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return values.length === 0 ? [] : [low, high];
}

function stroke(colour: string, width: number) {
  return { fill: "none", stroke: colour, "stroke-width": width } as const;
}

const WIDTH = 960;
const HEIGHT = 640;
const LEFT = 82;
const RIGHT = 24;
const PANELS = {
  convergence: { top: 104, bottom: 334 },
  bandwidth: { top: 396, bottom: 576 },
} as const;
const CHARACTER_WIDTH = 7.2;
const SWATCH_WIDTH = 14;
const SLICES = 60;
const DOTS = 5_000;
/** A logarithmic axis has no zero. */
const TOOK_MS_LEAST = 0.1;
const INK = "#1b1f24";
const MUTED = "#57606a";
const GRID = "#e4e7eb";
// Distinct for readers who do not tell red from green: blue, vermilion and green of Okabe and Ito.
const BLUE = "#56b4e9";
const DARK_BLUE = "#0072b2";
const RED = "#d55e00";
const GREEN = "#009e73";
