/** How `sim` writes its arguments: durations, ranges, seeds. Each throws what commander reports. */
import { InvalidArgumentError } from "commander";

/** `500ms`, `60s`, `2m`, `1h`. @returns ms. */
export function parseDuration(text: string): number {
  const [, digits, unit = ""] = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text) ?? [];
  const ms = Number(digits) * (UNIT_MS[unit] ?? Number.NaN);
  if (Number.isFinite(ms) && ms > 0) return ms;
  throw new InvalidArgumentError("It must be a duration such as 500ms, 60s, 2m or 1h.");
}

/** The largest unit that gives a whole number; {@link parseDuration} gives the ms back. */
export function formatDuration(ms: number): string {
  for (const unit of ["h", "m", "s"] as const) {
    if (ms % UNIT_MS[unit] === 0) return `${ms / UNIT_MS[unit]}${unit}`;
  }
  return `${ms}ms`;
}

/** `1-10`, or `5` for a latency that does not vary; ms, one way. */
export function parseLatency(text: string): { readonly min: number; readonly max: number } {
  const [, first, second = first] = /^(\d+(?:\.\d+)?)(?:-(\d+(?:\.\d+)?))?$/.exec(text) ?? [];
  const [min, max] = [Number(first), Number(second)];
  if (first !== undefined && min <= max) return { min, max };
  throw new InvalidArgumentError("It must be a range of ms such as 1-10.");
}

/** `1..300`, or `7` for that seed alone. */
export function parseSeeds(text: string): { readonly from: number; readonly to: number } {
  const [, first, second = first] = /^(\d+)(?:\.\.(\d+))?$/.exec(text) ?? [];
  const [from, to] = [Number(first), Number(second)];
  if (first !== undefined && from <= to && Number.isSafeInteger(to)) return { from, to };
  throw new InvalidArgumentError("It must be a range of seeds such as 1..300.");
}

export function parseWhole(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (Number.isSafeInteger(value) && value >= min && value <= max) return value;
    throw new InvalidArgumentError(`It must be a whole number from ${min} to ${max}.`);
  };
}

/** A share in [0, 1). */
export function parseLoss(text: string): number {
  const value = parseNumber(text);
  if (value < 1) return value;
  throw new InvalidArgumentError("It must be a number from 0 to less than 1.");
}

/** 0 or more. */
export function parseNumber(text: string): number {
  if (/^\d+(?:\.\d+)?$/.test(text)) return Number(text);
  throw new InvalidArgumentError("It must be a number, 0 or more.");
}

/** `on` or `off`. */
export function parseSwitch(text: string): boolean {
  if (text === "on" || text === "off") return text === "on";
  throw new InvalidArgumentError("It must be on or off.");
}

const UNIT_MS: Readonly<Record<string, number>> & Readonly<Record<"h" | "m" | "s", number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
};
