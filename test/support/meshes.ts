/** Nodes of the public API on the in-memory transport, closed when the test ends. */
import { randomUUID } from "node:crypto";
import { onTestFinished } from "vitest";
import type { JoinOptions } from "../../src/node/api/join-options.ts";
import { Mesh } from "../../src/node/mesh.ts";

/** Joins over the memory transport. */
export async function join(options: JoinOptions = {}): Promise<Mesh> {
  const mesh = await Mesh.join({ transport: "memory", roundIntervalMs: 20, ...options });
  onTestFinished(() => mesh.close());
  return mesh;
}

/** `count` nodes of one mesh, the first one everybody's seed. */
export async function joined(count: number, options: JoinOptions = {}): Promise<Mesh[]> {
  const first = await join(options);
  const rest = Array.from({ length: count - 1 }, () =>
    join({ ...options, seeds: first.addresses }),
  );
  return [first, ...(await Promise.all(rest))];
}

/** A name under which nobody listens yet. */
export function freeAddress(): string {
  return `/memory/${randomUUID()}`;
}

/** The first item of a stream that satisfies a condition. */
export async function firstOf<T>(
  stream: AsyncIterable<T>,
  condition: (item: T) => boolean = () => true,
): Promise<T> {
  for await (const item of stream) if (condition(item)) return item;
  throw new Error("the stream ended");
}

/** Resolves when the event has been told. */
export function told(mesh: Mesh, name: Parameters<Mesh["addEventListener"]>[0]): Promise<unknown> {
  return new Promise((resolve) => {
    mesh.addEventListener(name, (event) => resolve(event.detail), { once: true });
  });
}
