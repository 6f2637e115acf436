/** A local write as the operation that says it; the counter's totals are kept here. */
import { DOT_BYTES, REMOVE_DOTS_MAX } from "../../../assembly/layout.ts";
import type { Write } from "../commands.ts";
import type { CoreState } from "../core-state.ts";
import type { Operation } from "../wire/delta.ts";

/**
 * The operations that say a write: one, or several when a remove names more dots than one holds.
 * Undefined when a counter's total would leave u64.
 */
export function operationsOf(core: CoreState, write: Write): readonly Operation[] | undefined {
  const operation = operationOf(core, write);
  if (operation?.kind !== "set.remove") return operation && [operation];
  const { dots, ...address } = operation;
  const operations: Operation[] = [];
  let at = 0;
  do {
    operations.push({ ...address, dots: dots.subarray(at, at + REMOVE_DOTS_BYTES) });
    at += REMOVE_DOTS_BYTES;
  } while (at < dots.length);
  return operations;
}

function operationOf(core: CoreState, write: Write): Operation | undefined {
  switch (write.op) {
    case "register.set":
    case "map.set": {
      const { collection, key, codec, value } = write;
      return { kind: write.op, collection, key, codec, value };
    }
    case "map.delete":
      return { kind: write.op, collection: write.collection, key: write.key };
    case "counter.add":
      return counterOperation(core, write);
    case "set.add": {
      const { collection, key, element } = write;
      return { kind: write.op, collection, key, element };
    }
    case "set.remove": {
      const { collection, key, element } = write;
      const dots = core.replica.setDots(collection, key, element);
      return { kind: write.op, collection, key, element, dots };
    }
    case "gauge.set": {
      const { collection, key, value, weight } = write;
      return { kind: write.op, collection, key, value, weight };
    }
    case "event.publish": {
      const { collection, codec, value } = write;
      return { kind: write.op, collection, codec, value };
    }
  }
}

function counterOperation(
  core: CoreState,
  write: Extract<Write, { op: "counter.add" }>,
): Operation | undefined {
  const { collection, key, by } = write;
  const at = `${collection}\u0000${key}`;
  const { plus, minus } = core.writes.totals.get(at) ?? ownTotals(core, collection, key);
  const totals = by >= 0n ? { plus: plus + by, minus } : { plus, minus: minus - by };
  if (totals.plus > U64_MAX || totals.minus > U64_MAX) return undefined;
  core.writes.totals.set(at, totals);
  return { kind: "counter.add", collection, key, ...totals };
}

function ownTotals(core: CoreState, collection: string, key: string) {
  const { incarnation } = core.author;
  if (incarnation === undefined) return { plus: 0n, minus: 0n };
  return core.replica.counterOwn(collection, key, incarnation);
}

const U64_MAX = 0xffff_ffff_ffff_ffffn;
const REMOVE_DOTS_BYTES = REMOVE_DOTS_MAX * DOT_BYTES;
