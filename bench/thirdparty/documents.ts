/**
 * The CRDT libraries that people would use instead, each behind one shape: a writer that makes
 * updates of map writes, and a reader that applies them and shows the map.
 */
import { loadPeer } from "./load.ts";

export interface MapReader {
  apply(update: Uint8Array): void;
  /** Every key with its value. */
  entries(): [string, Uint8Array][];
  free(): void;
}

export interface MapPeer {
  readonly name: string;
  /** One update for each list of writes, by one author. */
  write(batches: readonly (readonly [string, Uint8Array])[][]): Uint8Array[];
  open(): MapReader;
}

interface Yjs {
  readonly Doc: new () => YDoc;
  applyUpdate(doc: YDoc, update: Uint8Array): void;
}
interface YDoc {
  clientID: number;
  getMap(name: string): {
    set(key: string, value: Uint8Array): void;
    entries(): Iterable<[string, Uint8Array]>;
  };
  transact(work: () => void): void;
  on(event: "update", listener: (update: Uint8Array) => void): void;
  destroy(): void;
}

export async function yjs(): Promise<MapPeer> {
  const Y = await loadPeer<Yjs>("yjs");
  return {
    name: "yjs",
    write(batches) {
      const doc = new Y.Doc();
      doc.clientID = 1;
      const updates: Uint8Array[] = [];
      doc.on("update", (update) => updates.push(update));
      const map = doc.getMap("m");
      for (const batch of batches) {
        doc.transact(() => {
          for (const [key, value] of batch) map.set(key, value);
        });
      }
      return updates;
    },
    open() {
      const doc = new Y.Doc();
      doc.clientID = 2;
      return {
        apply: (update) => Y.applyUpdate(doc, update),
        entries: () => [...doc.getMap("m").entries()],
        free: () => doc.destroy(),
      };
    },
  };
}

interface Loro {
  readonly LoroDoc: new () => LDoc;
}
interface LDoc {
  setPeerId(peer: bigint): void;
  getMap(name: string): {
    set(key: string, value: Uint8Array): void;
    entries(): [string, Uint8Array][];
  };
  commit(): void;
  version(): unknown;
  export(mode: { mode: "update"; from: unknown }): Uint8Array;
  import(update: Uint8Array): unknown;
  free(): void;
}

export async function loro(): Promise<MapPeer> {
  const { LoroDoc } = await loadPeer<Loro>("loro-crdt");
  return {
    name: "loro",
    write(batches) {
      const doc = new LoroDoc();
      doc.setPeerId(1n);
      const map = doc.getMap("m");
      return batches.map((batch) => {
        const from = doc.version();
        for (const [key, value] of batch) map.set(key, value);
        doc.commit();
        return doc.export({ mode: "update", from });
      });
    },
    open() {
      const doc = new LoroDoc();
      doc.setPeerId(2n);
      return {
        apply: (update) => void doc.import(update),
        entries: () => doc.getMap("m").entries(),
        free: () => doc.free(),
      };
    },
  };
}

type ADoc = Record<string, Uint8Array>;
interface Automerge {
  from(initial: ADoc, actor: string): ADoc;
  init(actor: string): ADoc;
  change(doc: ADoc, work: (draft: ADoc) => void): ADoc;
  getLastLocalChange(doc: ADoc): Uint8Array | undefined;
  applyChanges(doc: ADoc, changes: Uint8Array[]): [ADoc, ...unknown[]];
  free(doc: ADoc): void;
}

export async function automerge(): Promise<MapPeer> {
  const A = await loadPeer<Automerge>("@automerge/automerge");
  return {
    name: "automerge",
    write(batches) {
      let doc = A.init("01".repeat(16));
      return batches.map((batch) => {
        doc = A.change(doc, (draft) => {
          for (const [key, value] of batch) draft[key] = value;
        });
        return A.getLastLocalChange(doc) ?? new Uint8Array(0);
      });
    },
    open() {
      let doc = A.init("02".repeat(16));
      return {
        apply(update) {
          [doc] = A.applyChanges(doc, [update]);
        },
        entries: () => Object.entries(doc),
        free: () => A.free(doc),
      };
    },
  };
}
