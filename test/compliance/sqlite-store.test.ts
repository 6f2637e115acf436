import { SqliteStore } from "../../src/node/storage/sqlite-store.ts";
import type { Store } from "../../src/node/storage/store.ts";
import { temporaryFolder } from "../support/folders.ts";
import { describeStore } from "./store.ts";

describeStore({
  name: "sqlite",
  durable: true,
  open: async () => SqliteStore.open({ folder: await temporaryFolder() }),
  reopen: (store: Store) => SqliteStore.open({ folder: store.path ?? "" }),
});
