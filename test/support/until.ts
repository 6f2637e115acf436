/** Waiting for a condition, with patience for a busy machine. */
import { vi } from "vitest";

/** Resolves when the condition holds; fails after twenty seconds. */
export function until(condition: () => boolean | Promise<boolean>): Promise<boolean> {
  return vi.waitUntil(condition, { timeout: 20_000, interval: 5 });
}
