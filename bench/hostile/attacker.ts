/**
 * The attacker of the hostile bench, or the sink that it is compared with: QUIC links of its own and
 * the wire format, nothing else of a node.
 */
import { randomBytes } from "node:crypto";
import { setTimeout as sleep, setImmediate as turn } from "node:timers/promises";
import { createQuicTransport } from "../../src/node/transport/libp2p.ts";
import { LANE_CONTROL, type Link } from "../../src/node/transport/transport.ts";
import { serve } from "../lib/serve.ts";
import { type Arms, armsOf } from "./attacks.ts";
import { type Ask, type Attacked, RATE_LIMIT } from "./messages.ts";

let arms: Arms | undefined;

serve(answer);

async function answer(ask: Ask): Promise<unknown> {
  switch (ask.kind) {
    case "sink":
      return sink();
    case "arm":
      arms = armsOf(ask.attack, RATE_LIMIT);
      return null;
    case "attack":
      return attack(ask);
    default:
      throw new Error(`${ask.kind} is an honest node's`);
  }
}

async function sink(): Promise<readonly string[]> {
  const transport = createQuicTransport({
    identitySeed: randomBytes(32),
    listen: ["/ip4/127.0.0.1/udp/0/quic-v1"],
    handlers: IGNORING,
  });
  await transport.start();
  return transport.addresses;
}

async function attack(ask: Extract<Ask, { kind: "attack" }>): Promise<Attacked> {
  if (arms === undefined) throw new Error("the attacker is not armed");
  const transport = createQuicTransport({
    identitySeed: arms.seed,
    listen: [],
    handlers: IGNORING,
  });
  await transport.start();
  const sent = { frames: 0, bytes: 0, links: 0, startNs: 0n };
  const untilMs = performance.now() + ask.forMs;
  while (performance.now() < untilMs) {
    const link = await transport.dial(ask.address).catch(() => undefined);
    if (link !== undefined) await flood(link, arms, sent, untilMs);
    await sleep(REDIAL_MS);
  }
  await transport.close();
  const { frames, bytes, links, startNs } = sent;
  return { frames, bytes, links, startNs: startNs.toString() };
}

/** Sends at the attack's rate until the link ends or the time is over. */
async function flood(
  link: Link,
  { hello, frames, framesPerSecond }: Arms,
  sent: { frames: number; bytes: number; links: number; startNs: bigint },
  untilMs: number,
): Promise<void> {
  sent.links += 1;
  link.send(hello.slice(), LANE_CONTROL);
  await sleep(HELLO_MS);
  if (sent.startNs === 0n) sent.startNs = process.hrtime.bigint();
  const fromMs = performance.now();
  for (let queued = 0; performance.now() < untilMs; ) {
    const due = ((performance.now() - fromMs) / 1_000) * framesPerSecond;
    while (queued < due) {
      const frame = frames[queued % frames.length];
      if (frame === undefined) return;
      const verdict = link.send(frame, LANE_CONTROL);
      if (verdict === "closed") return;
      if (verdict !== "queued") break;
      queued += 1;
      sent.frames += 1;
      sent.bytes += frame.length;
    }
    await turn();
  }
  link.abort();
}

const IGNORING = {
  linkUp: () => undefined,
  frame: () => undefined,
  linkDown: () => undefined,
};
const REDIAL_MS = 20;
/** Long enough for the Hello to be there before what follows it. */
const HELLO_MS = 50;
