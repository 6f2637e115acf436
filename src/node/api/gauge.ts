/** A shared gauge: every node shows its last value; reading folds them. */
import { TYPE_GAUGE } from "../../../assembly/layout.ts";
import { MeshError } from "../../errors.ts";
import type { Host, WriteOptions } from "./host.ts";

/** What the values of all nodes come to. `mean` is weighted; all zero when nobody has written. */
export interface GaugeFold {
  readonly count: number;
  readonly sum: number;
  readonly min: number;
  readonly max: number;
  readonly mean: number;
}

export interface GaugeOptions extends WriteOptions {
  /** Weight of this value in the mean; a positive integer, default 1. */
  readonly weight?: number;
}

export class SharedGauge {
  readonly name: string;
  readonly #host: Host;

  /** @internal */
  constructor(host: Host, name: string) {
    this.#host = host;
    this.name = name;
  }

  /** @param value kept to a millionth. @throws MeshError MESH_VALUE_INVALID. */
  set(value: number, options: GaugeOptions = {}): Promise<void> {
    const micro = Math.round(value * MICRO);
    const weight = options.weight ?? 1;
    if (!Number.isSafeInteger(micro) || !Number.isSafeInteger(weight) || weight < 1) {
      const expected = "a value within 9.0e9 and a positive integer weight";
      throw new MeshError("MESH_VALUE_INVALID", `a gauge needs ${expected}, got ${value}`, {
        details: { expected, got: [value, weight] },
      });
    }
    const parts = { value: BigInt(micro), weight: BigInt(weight) };
    const write = { op: "gauge.set", collection: this.name, key: "", ...parts } as const;
    return this.#host.write(write, options);
  }

  fold(): GaugeFold {
    const components = this.#host.read(TYPE_GAUGE, this.name, "").gauge(this.name, "");
    if (components.length === 0) return { count: 0, sum: 0, min: 0, max: 0, mean: 0 };
    let weighted = 0n;
    let weights = 0n;
    for (const { value, weight } of components) {
      weighted += value * weight;
      weights += weight;
    }
    const values = components.map(({ value }) => Number(value) / MICRO);
    return {
      count: components.length,
      sum: values.reduce((sum, value) => sum + value, 0),
      min: Math.min(...values),
      max: Math.max(...values),
      mean: Number(weighted / weights) / MICRO,
    };
  }

  /** Every node's value, by node id (hex). */
  values(): Map<string, number> {
    const components = this.#host.read(TYPE_GAUGE, this.name, "").gauge(this.name, "");
    return new Map(components.map(({ author, value }) => [author, Number(value) / MICRO]));
  }
}

const MICRO = 1_000_000;
