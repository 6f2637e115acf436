/**
 * Tells damage in SQLite's write-ahead log from the torn tail of a crash. SQLite itself ends the
 * log at its first frame with a bad checksum, whatever follows: one flipped bit would silently
 * take every later commit with it. A commit is synced before the next one begins, so a bad frame
 * that is followed by a commit and anything of a later one had been on disk: that is damage.
 *
 * Format: https://www.sqlite.org/fileformat2.html#the_write_ahead_log (all big-endian).
 */

/** What is wrong with the log of an unclean stop; undefined when at most its tail is torn. */
export function walDamage(log: Uint8Array): string | undefined {
  if (log.length < HEADER_BYTES) return undefined;
  const view = new DataView(log.buffer, log.byteOffset, log.length);
  const header = headerOf(view);
  if (header === undefined) {
    // A header that never came to the disk stands before nothing that was synced.
    return isZero(log.subarray(0, HEADER_BYTES)) ? undefined : "the log's header is damaged";
  }
  const frames = Math.floor((log.length - HEADER_BYTES) / header.frameBytes);
  const bad = firstBadFrame(view, header, frames);
  const commit = nextFrame(view, header, { from: bad, frames, isCommit: true });
  const later = nextFrame(view, header, { from: commit + 1, frames, isCommit: false });
  if (later >= frames) return undefined;
  return `frame ${bad + 1} of the log is damaged, and commits follow it`;
}

interface WalHeader {
  readonly frameBytes: number;
  /** Whether checksums read words in little-endian order. */
  readonly isLittle: boolean;
  readonly salt1: number;
  readonly salt2: number;
  readonly sum: Sum;
}

type Sum = readonly [number, number];

function headerOf(view: DataView): WalHeader | undefined {
  const magic = view.getUint32(0);
  if (magic !== MAGIC && magic !== MAGIC + 1) return undefined;
  const isLittle = magic === MAGIC;
  const sum = checksum(view, { at: 0, length: HEADER_BYTES - 8, isLittle }, [0, 0]);
  if (sum[0] !== view.getUint32(24) || sum[1] !== view.getUint32(28)) return undefined;
  const frameBytes = FRAME_HEADER_BYTES + view.getUint32(8);
  return { frameBytes, isLittle, salt1: view.getUint32(16), salt2: view.getUint32(20), sum };
}

/** The first frame that is not of the log's chain; the number of frames when all are. */
function firstBadFrame(view: DataView, header: WalHeader, frames: number): number {
  const { isLittle, frameBytes } = header;
  let { sum } = header;
  for (let frame = 0; frame < frames; frame++) {
    const at = HEADER_BYTES + frame * frameBytes;
    if (!hasSalts(view, at, header)) return frame;
    sum = checksum(view, { at, length: 8, isLittle }, sum);
    const page = { at: at + FRAME_HEADER_BYTES, length: frameBytes - FRAME_HEADER_BYTES, isLittle };
    sum = checksum(view, page, sum);
    if (sum[0] !== view.getUint32(at + 16) || sum[1] !== view.getUint32(at + 20)) return frame;
  }
  return frames;
}

/** The first frame from a place on that belongs to this log; the number of frames for none. */
function nextFrame(
  view: DataView,
  header: WalHeader,
  { from, frames, isCommit }: { from: number; frames: number; isCommit: boolean },
): number {
  for (let frame = from; frame < frames; frame++) {
    const at = HEADER_BYTES + frame * header.frameBytes;
    // A log that was begun again leaves frames of its last round behind, under other salts.
    if (hasSalts(view, at, header) && (!isCommit || view.getUint32(at + 4) !== 0)) return frame;
  }
  return frames;
}

function hasSalts(view: DataView, at: number, { salt1, salt2 }: WalHeader): boolean {
  return view.getUint32(at + 8) === salt1 && view.getUint32(at + 12) === salt2;
}

function checksum(
  view: DataView,
  { at, length, isLittle }: { at: number; length: number; isLittle: boolean },
  from: Sum,
): Sum {
  let [a, b] = from;
  for (let i = at; i < at + length; i += 8) {
    a = (a + view.getUint32(i, isLittle) + b) >>> 0;
    b = (b + view.getUint32(i + 4, isLittle) + a) >>> 0;
  }
  return [a, b];
}

function isZero(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0);
}

const HEADER_BYTES = 32;
const FRAME_HEADER_BYTES = 24;
/** The lowest bit says in which order checksums read words. */
const MAGIC = 0x377f_0682;
