import { expect, test } from "vitest";
import { closesLoser, secondWins } from "../../../../src/node/transport/pool-peer.ts";
import type { Link } from "../../../../src/node/transport/transport.ts";

const low = "0".repeat(64);
const high = "f".repeat(64);

/** The two ends of one link, as each of them sees it. */
function ends(dialler: string, acceptor: string): Record<string, Link> {
  const stats = { framesSent: 0, framesReceived: 0, bytesSent: 0, bytesReceived: 0, dropped: 0 };
  const end = (peer: string, inbound: boolean): Link => ({
    peer,
    inbound,
    remoteAddress: "",
    suite: "",
    stats: { ...stats, queuedFrames: 0, queuedBytes: 0 },
    send: () => "closed",
    close: () => Promise.resolve(),
    abort: () => undefined,
  });
  return { [dialler]: end(acceptor, false), [acceptor]: end(dialler, true) };
}

test("both ends pick the same of two crossing links, in whatever order each saw them", () => {
  const [byLow, byHigh] = [ends(low, high), ends(high, low)];
  for (const localId of [low, high]) {
    const [mine, other] = [byLow[localId]!, byHigh[localId]!];
    expect(secondWins({ first: other, second: mine, localId, contested: true })).toBe(true);
    expect(secondWins({ first: mine, second: other, localId, contested: true })).toBe(false);
  }
});

test("exactly one end closes the loser, whoever dialled the two links", () => {
  for (const [one, two] of [
    [ends(low, high), ends(high, low)],
    [ends(low, high), ends(low, high)],
    [ends(high, low), ends(high, low)],
  ] as const) {
    const closers = [low, high].filter((localId) =>
      closesLoser(one[localId]!, two[localId]!, localId),
    );
    expect(closers).toHaveLength(1);
  }
});

test("a link too old to be contested gives way to the newer one", () => {
  const [old, newer] = [ends(low, high), ends(high, low)];
  for (const localId of [low, high]) {
    expect(
      secondWins({ first: old[localId]!, second: newer[localId]!, localId, contested: false }),
    ).toBe(true);
  }
});
