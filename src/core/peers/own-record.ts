/** The own member record: made at the start, renewed when addresses change, on leave, and to refute. */
import type { CoreState } from "../core-state.ts";
import { concat } from "../wire/concat.ts";
import {
  encodeMember,
  MEMBER_ADDRESS_BYTES_MAX,
  MEMBER_ADDRESSES_MAX,
  type MemberRecord,
  type SignedMember,
} from "../wire/member.ts";

/**
 * Signs a new own record and takes it into the member list. It names as many of `addresses`, in
 * their order, as a record holds.
 */
export function renewOwnRecord(
  core: CoreState,
  fields: { readonly addresses: readonly string[]; readonly left: boolean },
): SignedMember {
  const { config, deps } = core;
  const { own } = core.certificates;
  const held = core.membership.get(config.nodeId);
  const listed = core.leaving.isOn ? [] : fields.addresses;
  const addresses = listed.filter(fits).slice(0, MEMBER_ADDRESSES_MAX);
  const record: MemberRecord = {
    id: config.nodeId,
    epoch: core.epoch,
    counter: held?.epoch === core.epoch ? held.counter + 1 : 0,
    region: config.region,
    zone: config.zone,
    // Whatever makes a node renew its record: who has said goodbye stays gone.
    left: fields.left || core.leaving.isOn,
    addresses,
    ...(own === undefined ? {} : { credential: own.bytes }),
  };
  const signed = encodeMember(record, config.meshId);
  const bytes = concat([signed, deps.crypto.sign(signed, deps.identityKey)]);
  const member = { record, bytes };
  core.membership.merge(member);
  storeMember(core, member);
  return member;
}

/** Asks for a record to be stored, so that the next life knows whom to look for. */
export function storeMember(core: CoreState, { record, bytes }: SignedMember): void {
  if (core.config.durable === true) core.out.memberStores.push({ node: record.id, bytes });
}

/** Peers refuse a record with an address above the bound, and with it this node's Hello. */
function fits(address: string): boolean {
  return new TextEncoder().encode(address).length <= MEMBER_ADDRESS_BYTES_MAX;
}

/**
 * A record of an earlier (or cloned) life of this node is about with a higher epoch than ours: go
 * above it, so that the present addresses win. True when the epoch has risen; rounds spread it.
 */
export function refute(core: CoreState, seen: MemberRecord): boolean {
  if (seen.epoch < core.epoch) return false;
  const held = core.membership.get(core.config.nodeId);
  if (held !== undefined && seen.epoch === held.epoch && seen.counter <= held.counter) return false;
  core.epoch = seen.epoch + 1n;
  renewOwnRecord(core, { addresses: held?.addresses ?? [], left: false });
  return true;
}
