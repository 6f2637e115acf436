/**
 * The instant an input happened, as the shell read it; the core never reads a clock itself.
 *
 * `monoMs` drives every timer and age and never decreases; `wallMs` serves the hybrid logical
 * clock alone and may jump either way (docs/ARCHITECTURE.md).
 */

/** One reading of both clocks. */
export interface Now {
  /** Milliseconds of a monotonic clock with an arbitrary origin; fractions allowed. */
  readonly monoMs: number;
  /** Milliseconds since the Unix epoch, as the machine believes. */
  readonly wallMs: number;
}
