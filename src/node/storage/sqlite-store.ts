/**
 * The durable store: SQLite in a thread of its own. Records gather for a few milliseconds and are
 * committed together, one commit at a time; each resolves when its commit has been synced.
 */
import { Worker } from "node:worker_threads";
import { SIGNATURE_BYTES } from "../../../assembly/layout.ts";
import type { NodeId } from "../../core/node-id.ts";
import type { CompactedPart } from "../../core/state/compaction.ts";
import { signatureIn } from "../../core/wire/signature-in.ts";
import { MeshError } from "../../errors.ts";
import type {
  CommitRecord,
  StoreAnswers,
  StoreCall,
  StoreFault,
  WorkerMessage,
  WorkerOptions,
} from "./sqlite-messages.ts";
import type { Store } from "./store.ts";

export interface SqliteStoreOptions {
  /** Folder of the database; created. */
  readonly folder: string;
  /** Size at which the database refuses to grow. Default {@link STORE_BYTES_MAX}. */
  readonly bytesMax?: number;
}

interface Waiting {
  readonly record: CommitRecord;
  readonly bytes: Uint8Array;
  readonly kept: PromiseWithResolvers<void>;
}

interface Pending {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: MeshError) => void;
}

export class SqliteStore implements Store {
  readonly kind = "sqlite";
  readonly durable = true;
  readonly path: string;
  #quarantined: string | undefined;
  readonly #worker: Worker;
  /** Calls that the worker has not answered, oldest first: it answers in order. */
  readonly #pending: Pending[] = [];
  #waiting: Waiting[] = [];
  #waitingBytes = 0;
  #committing = false;
  #lastKept: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;
  #failure: MeshError | undefined;
  #closing: Promise<void> | undefined;

  private constructor(folder: string, worker: Worker) {
    this.path = folder;
    this.#worker = worker;
  }

  /**
   * Opens the store of a folder. One that cannot be read is moved aside: see `quarantined`.
   * @throws MeshError MESH_DATA_DIR_IN_USE, MESH_STORE_MISMATCH, MESH_STORE_FAILED.
   */
  static async open({ folder, bytesMax }: SqliteStoreOptions): Promise<SqliteStore> {
    const workerData: WorkerOptions = { folder, bytesMax: bytesMax ?? STORE_BYTES_MAX };
    const worker = new Worker(new URL(WORKER_FILE, import.meta.url), { workerData });
    const store = new SqliteStore(folder, worker);
    const opened = store.#answer();
    worker.on("message", (message: WorkerMessage) => store.#hear(message));
    worker.on("error", (error) => store.#fail({ kind: "failed", message: error.message }));
    worker.on("exit", () => store.#fail({ kind: "failed", message: "its thread has ended" }));
    await opened;
    return store;
  }

  get quarantined(): string | undefined {
    return this.#quarantined;
  }

  append(bytes: Uint8Array): Promise<void> {
    return this.#keep({ kind: "delta", length: bytes.length }, bytes);
  }

  async compact({ dropped, stubs, isLast }: CompactedPart): Promise<void> {
    // What dominates the deltas that go is on disk before they go.
    await this.sync();
    const signatures = new Uint8Array(dropped.length * SIGNATURE_BYTES);
    for (const [i, delta] of dropped.entries()) {
      signatures.set(signatureIn(delta), i * SIGNATURE_BYTES);
    }
    const call = { kind: "compact", dropped: signatures, stubs, isLast } as const;
    await this.#call<"compact">(call, [signatures.buffer]);
  }

  putMember(node: NodeId, bytes: Uint8Array): Promise<void> {
    return this.#keep({ kind: "member", name: node, length: bytes.length }, bytes);
  }

  putMeta(name: string, bytes: Uint8Array): Promise<void> {
    return this.#keep({ kind: "meta", name, length: bytes.length }, bytes);
  }

  async getMeta(name: string): Promise<Uint8Array | undefined> {
    await this.sync();
    return this.#call<"meta">({ kind: "meta", name });
  }

  async *load(): AsyncGenerator<readonly Uint8Array[]> {
    await this.sync();
    for (let after = 0; ; ) {
      const { deltas, last } = await this.#call<"read">({ kind: "read", after });
      if (deltas.length === 0) return;
      yield deltas;
      after = last;
    }
  }

  async members(): Promise<readonly Uint8Array[]> {
    await this.sync();
    return this.#call<"members">({ kind: "members" });
  }

  async sync(): Promise<void> {
    this.#check();
    this.#commit();
    await this.#lastKept;
  }

  async quarantine(reason: string): Promise<string> {
    await this.sync();
    this.#quarantined = await this.#call<"quarantine">({ kind: "quarantine", reason });
    return this.#quarantined;
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    clearTimeout(this.#timer);
    try {
      if (this.#failure !== undefined) return;
      this.#commit();
      await this.#lastKept;
      await this.#call<"close">({ kind: "close" });
    } finally {
      this.#failure ??= new MeshError("MESH_CLOSED", "the store is closed");
      await this.#worker.terminate();
    }
  }

  #keep(record: CommitRecord, bytes: Uint8Array): Promise<void> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    if (this.#closing !== undefined) {
      return Promise.reject(new MeshError("MESH_CLOSED", "the store is closed"));
    }
    const kept = Promise.withResolvers<void>();
    this.#waiting.push({ record, bytes, kept });
    this.#lastKept = kept.promise;
    this.#waitingBytes += bytes.length;
    if (this.#waiting.length >= COMMIT_RECORDS_MAX || this.#waitingBytes >= COMMIT_BYTES_MAX) {
      this.#commit();
    } else if (!this.#committing) {
      this.#timer ??= setTimeout(() => this.#commit(), GROUP_COMMIT_MS);
    }
    return kept.promise;
  }

  /** Commits what waits, as much as one commit takes, unless one is under way. */
  #commit(): void {
    if (this.#committing || this.#waiting.length === 0) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const group = this.#takeGroup();
    this.#committing = true;
    const bytes = new Uint8Array(group.reduce((sum, { record }) => sum + record.length, 0));
    let at = 0;
    for (const part of group) {
      bytes.set(part.bytes, at);
      at += part.record.length;
    }
    const records = group.map(({ record }) => record);
    this.#call<"commit">({ kind: "commit", records, bytes }, [bytes.buffer]).then(
      () => {
        this.#committing = false;
        for (const { kept } of group) kept.resolve();
        this.#commit();
      },
      (error: unknown) => {
        for (const { kept } of group) kept.reject(error);
      },
    );
  }

  #takeGroup(): Waiting[] {
    let count = 0;
    let bytes = 0;
    for (const { record } of this.#waiting) {
      if (count === COMMIT_RECORDS_MAX || (count > 0 && bytes + record.length > COMMIT_BYTES_MAX)) {
        break;
      }
      count += 1;
      bytes += record.length;
    }
    this.#waitingBytes -= bytes;
    return this.#waiting.splice(0, count);
  }

  async #call<K extends StoreCall["kind"]>(
    call: Extract<StoreCall, { kind: K }>,
    transfer: readonly ArrayBuffer[] = [],
  ): Promise<StoreAnswers[K]> {
    if (this.#failure !== undefined) throw this.#failure;
    const answer = this.#answer();
    this.#worker.postMessage(call, transfer);
    return (await answer) as StoreAnswers[K];
  }

  #answer(): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.#pending.push({ resolve, reject });
    });
  }

  #hear(message: WorkerMessage): void {
    switch (message.kind) {
      case "opened":
        this.#quarantined = message.quarantined;
        return this.#pending.shift()?.resolve(undefined);
      case "answer":
        return this.#pending.shift()?.resolve(message.value);
      case "fault":
        if (message.fault.kind !== "corrupt") return this.#fail(message.fault);
        return this.#pending.shift()?.reject(faultError(message.fault, this.path));
    }
  }

  /** The first fault is the last: whatever waits, and whatever comes, is refused with it. */
  #fail(fault: StoreFault): void {
    if (this.#failure !== undefined) return;
    const error = faultError(fault, this.path);
    this.#failure = error;
    clearTimeout(this.#timer);
    for (const { reject } of this.#pending.splice(0)) reject(error);
    for (const { kept } of this.#waiting.splice(0)) kept.reject(error);
  }

  #check(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }
}

function faultError({ kind, message }: StoreFault, path: string): MeshError {
  const details = { path };
  switch (kind) {
    case "busy":
      return new MeshError("MESH_DATA_DIR_IN_USE", `another process has the store in ${path}`, {
        details,
      });
    case "foreign":
      return new MeshError("MESH_STORE_MISMATCH", `the store in ${path}: ${message}`, { details });
    case "corrupt":
      return new MeshError("MESH_STORE_CORRUPT", `the store in ${path}: ${message}`, { details });
    case "failed":
      return new MeshError("MESH_STORE_FAILED", `the store in ${path}: ${message}`, { details });
  }
}

/** The worker's file is of the kind this one is: source, or built. */
const WORKER_FILE = import.meta.url.endsWith(".ts") ? "./sqlite-worker.ts" : "./sqlite-worker.js";
/** How long the first record of a commit waits for company. */
const GROUP_COMMIT_MS = 2;
/** Records and bytes of one commit. */
const COMMIT_RECORDS_MAX = 256;
const COMMIT_BYTES_MAX = 4_194_304;
/** 1 GiB a node; the delta log's bound comes first. */
const STORE_BYTES_MAX = 1_073_741_824;
