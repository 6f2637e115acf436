/**
 * Which cut records of a scan may be taken: those for which a whole one of their author stands, in the
 * log or earlier in the same bytes. Others come again with the one that does, and cost their sender
 * nothing: it may have sent that before (docs/decisions/0018-past-lives.md).
 */
import { DELTA_AUTHOR_OFFSET, DELTA_KIND_OFFSET, KIND_RECORD } from "../../../assembly/layout.ts";
import { SCAN_VERIFY, type Scan } from "../../kernels/kernels.ts";
import type { CoreState } from "../core-state.ts";
import { type NodeId, nodeIdFromBytes } from "../node-id.ts";
import { isCutRecord } from "../wire/stub.ts";
import { notAfterOf } from "./vouchers.ts";

/**
 * Adds to what may be applied of a scan that a cut record is vouched for.
 * @param mayApply asked of rows for which nothing more is wanted.
 * @returns to be asked of each row once, in order.
 */
export function vouched(
  core: CoreState,
  bytes: Uint8Array,
  scan: Scan,
  mayApply: (row: number) => boolean,
): (row: number) => boolean {
  // In an open mesh no record has a credential, so none is cut.
  if (!core.certificates.isRequired) return mayApply;
  /** Ends of certificates of whole records in these bytes that are about to be applied. */
  const ends = new Map<NodeId, bigint>();
  return (row) => {
    const at = scan.offsets[row] ?? 0;
    const isRecord = bytes[at + DELTA_KIND_OFFSET] === KIND_RECORD;
    if (!isRecord || scan.statuses[row] !== SCAN_VERIFY) return mayApply(row);
    const record = bytes.subarray(at, at + (scan.lengths[row] ?? 0));
    const author = nodeIdFromBytes(record, DELTA_AUTHOR_OFFSET);
    const [end, last] = [notAfterOf(record), ends.get(author)];
    if (isCutRecord(record)) {
      const isVouched = core.log.vouchers.vouches(record) || (last !== undefined && last >= end);
      return isVouched && mayApply(row);
    }
    if (!mayApply(row)) return false;
    if (last === undefined || end > last) ends.set(author, end);
    return true;
  };
}
