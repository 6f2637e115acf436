/**
 * Records what a transport tells, and lets a test await the next link, frame or end.
 */
import type { MeshError } from "../../src/errors.ts";
import type { Link, TransportHandlers } from "../../src/node/transport/transport.ts";

export interface Recorder {
  readonly handlers: TransportHandlers;
  readonly links: readonly Link[];
  readonly frames: readonly RecordedFrame[];
  readonly downs: readonly RecordedDown[];
  readonly refusals: readonly RecordedRefusal[];
  /** The next link, frame or end that was not awaited yet. */
  nextLink(): Promise<Link>;
  nextFrame(): Promise<RecordedFrame>;
  nextDown(): Promise<RecordedDown>;
}

interface RecordedFrame {
  readonly link: Link;
  readonly bytes: Uint8Array;
}

interface RecordedRefusal {
  readonly reason: string;
  readonly remoteAddress: string;
  readonly error?: MeshError | undefined;
}

interface RecordedDown {
  readonly link: Link;
  readonly reason: string;
}

export function createRecorder(): Recorder {
  const links = createTape<Link>();
  const frames = createTape<RecordedFrame>();
  const downs = createTape<RecordedDown>();
  const refusals: RecordedRefusal[] = [];
  return {
    links: links.all,
    frames: frames.all,
    downs: downs.all,
    refusals,
    nextLink: links.next,
    nextFrame: frames.next,
    nextDown: downs.next,
    handlers: {
      linkUp: (link) => links.add(link),
      frame: (link, bytes) => frames.add({ link, bytes }),
      linkDown: (link, reason) => downs.add({ link, reason }),
      refused: (reason, remoteAddress, error) => refusals.push({ reason, remoteAddress, error }),
    },
  };
}

/** A list whose entries can be awaited in order. */
export function createTape<T>() {
  const all: T[] = [];
  const waiting: ((value: T) => void)[] = [];
  let read = 0;
  return {
    all,
    add(value: T): void {
      all.push(value);
      const first = waiting.shift();
      if (first === undefined) return;
      read += 1;
      first(value);
    },
    next(): Promise<T> {
      const value = all[read];
      if (read >= all.length) return new Promise((resolve) => waiting.push(resolve));
      read += 1;
      return Promise.resolve(value as T);
    },
  };
}
