/**
 * Common ground of the transport compliance suite: the harness an implementation provides, and
 * what the parts of the suite build with it. No assertions here.
 */
import { randomBytes } from "node:crypto";
import { afterEach } from "vitest";
import type { Link, Transport, TransportOptions } from "../../src/node/transport/transport.ts";
import { createRecorder, type Recorder } from "./recorder.ts";

export interface TransportHarness {
  readonly name: string;
  /** How `Link.suite` looks. */
  readonly suite: RegExp;
  create(options: TransportOptions): Transport;
  /** An address to listen on that is free. */
  freeAddress(): string;
  /** An address where nobody answers. */
  deadAddress(): Promise<string>;
  /** The transport's address in its host-name form, when it has one. */
  namedAddress?(address: string): string;
  /** Connects as a peer whose stream carries arbitrary bytes; resolves when they are sent. */
  sendRaw(address: string, bytes: Uint8Array): Promise<RawPeer>;
}

interface RawPeer {
  /** Resolves when the other side has closed the connection. */
  readonly gone: Promise<void>;
  /** Finishes writing, and nothing else. */
  finish(): Promise<void>;
  close(): Promise<void>;
}

export interface Side {
  readonly transport: Transport;
  readonly events: Recorder;
}

/** What every part of the suite works with. */
export interface Suite {
  readonly harness: TransportHarness;
  /** Closed after the test, in no order. */
  readonly open: { close(): Promise<void> }[];
  /** A transport that is not started, with what it tells. */
  make(options?: Partial<TransportOptions>): Side;
  started(options?: Partial<TransportOptions>): Promise<Side>;
  /** Two started transports and the two ends of a link between them. */
  pair(
    near?: Partial<TransportOptions>,
    far?: Partial<TransportOptions>,
  ): Promise<{ readonly a: Side; readonly b: Side; readonly link: Link; readonly back: Link }>;
}

/** Makes the parts' common ground; registers the clean-up. */
export function createSuite(harness: TransportHarness): Suite {
  const open: { close(): Promise<void> }[] = [];
  afterEach(async () => {
    await Promise.all(open.splice(0).map((each) => each.close()));
  });
  const make: Suite["make"] = (options = {}) => {
    const events = createRecorder();
    const transport = harness.create({
      identitySeed: randomBytes(32),
      listen: [harness.freeAddress()],
      handlers: events.handlers,
      ...options,
    });
    open.push(transport);
    return { transport, events };
  };
  const started: Suite["started"] = async (options = {}) => {
    const side = make(options);
    await side.transport.start();
    return side;
  };
  const pair: Suite["pair"] = async (near = {}, far = {}) => {
    const [a, b] = await Promise.all([started(near), started(far)]);
    const link = await a.transport.dial(addressOf(b));
    const back = await b.events.nextLink();
    return { a, b, link, back };
  };
  return { harness, open, make, started, pair };
}

export function addressOf(side: Side): string {
  return side.transport.addresses[0] ?? "";
}

export function withoutPeer(address: string): string {
  return address.replace(/\/p2p\/[^/]+$/, "");
}

export function bytes(length: number, salt: number): Uint8Array {
  const made = new Uint8Array(length);
  for (let at = 0; at < length; at += 1) made[at] = at * 31 + (at >> 8) + salt * 17 + 1;
  return made;
}

export function same(left: Uint8Array, right: Uint8Array): boolean {
  return Buffer.compare(left, right) === 0;
}
