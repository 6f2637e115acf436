/**
 * The transport compliance suite: what every implementation must do, run on QUIC, TCP and memory.
 *
 * A harness makes transports and knows the address forms; everything else is the same. Tests wait
 * for events, never for time.
 */
import { createSuite, type TransportHarness } from "../support/transport-suite.ts";
import { describeAdmission } from "./transport-admission.ts";
import { describeClosing } from "./transport-closing.ts";
import { describeConnecting, describeListening, describeSignals } from "./transport-connecting.ts";
import { describeFrames, describeHostileBytes } from "./transport-frames.ts";

/** Registers the suite for one implementation. */
export function describeTransport(harness: TransportHarness): void {
  const suite = createSuite(harness);
  describeConnecting(suite);
  describeAdmission(suite);
  describeListening(suite);
  describeFrames(suite);
  describeHostileBytes(suite);
  describeClosing(suite);
  describeSignals(suite);
}
