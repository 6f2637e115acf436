import { MemoryStore } from "../../src/node/storage/memory-store.ts";
import { describeStore } from "./store.ts";

describeStore({
  name: "memory",
  durable: false,
  open: async () => new MemoryStore(),
  reopen: () => undefined,
});
