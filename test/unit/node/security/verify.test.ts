// What makes a credential hold: its signers, its mesh, its statement (C2, C6).
import { describe, expect, it } from "vitest";
import { decodeCredential, encodeCredential } from "../../../../src/core/wire/credential.ts";
import { endorse, meshIdOfName, missingSignatures } from "../../../../src/node/security/issue.ts";
import { credentialFault } from "../../../../src/node/security/verify.ts";
import {
  crypto,
  HOUR_MS,
  idOf,
  newKey,
  START_MS,
  TestAuthority,
} from "../../../support/credentials.ts";

const authority = new TestAuthority();
const node = idOf(newKey());
const issuers = [newKey(), newKey(), newKey()];
const faultOf = (credential: Parameters<typeof credentialFault>[0]) =>
  credentialFault(credential, authority.anchor, crypto.verify);

describe("a credential (C2, C6)", () => {
  it("holds when the authority has signed it", () => {
    expect(faultOf(authority.issue(node))).toBeUndefined();
  });

  it("holds when as many issuers as the statement asks for have signed it", () => {
    const statement = authority.delegate(2, issuers);
    expect(faultOf(authority.issue(node, {}, statement, issuers.slice(1)))).toBeUndefined();
    expect(faultOf(authority.issue(node, {}, statement, issuers))).toBeUndefined();
  });

  it("is refused with one signature too few", () => {
    const statement = authority.delegate(3, issuers);
    const credential = authority.issue(node, {}, statement, issuers.slice(0, 2));
    expect(missingSignatures(credential)).toBe(1);
    expect(faultOf(credential)).toBe("quorum");
  });

  it("is refused when nobody has signed it", () => {
    expect(faultOf(authority.issue(node, {}, undefined, []))).toBe("quorum");
  });

  it("is refused when a key that nobody named has signed it", () => {
    expect(faultOf(authority.issue(node, {}, undefined, [newKey()]))).toBe("issuer");
    const [own, other] = [authority.issue(node), authority.issue(node, {}, undefined, [newKey()])];
    const both = [...own.endorsements, ...other.endorsements];
    expect(faultOf({ ...own, endorsements: both })).toBe("issuer");
  });

  it("is refused when an issuer signs without the statement", () => {
    const whole = authority.issue(node, {}, authority.delegate(1, issuers), issuers.slice(0, 1));
    expect(faultOf({ ...whole, delegation: undefined })).toBe("issuer");
  });

  it("is refused under a statement that another authority made", () => {
    const other = new TestAuthority();
    const statement = other.delegate(1, issuers);
    expect(faultOf(authority.issue(node, {}, statement, issuers.slice(0, 1)))).toBe("issuer");
  });

  it("is refused under a statement whose authority is named but did not sign", () => {
    const { issuers: named } = authority.delegate(1, issuers);
    const forged = new TestAuthority().delegate(1, issuers);
    const statement = { ...authority.delegate(1, issuers), signature: forged.signature };
    expect(named.authority).toBe(authority.anchor.authority);
    expect(faultOf(authority.issue(node, {}, statement, issuers.slice(0, 1)))).toBe("signature");
  });

  it("is refused when it begins before its statement, or outlasts it", () => {
    const statement = authority.delegate(1, issuers);
    const by = issuers.slice(0, 1);
    const early = authority.issue(node, { notBefore: START_MS - 1 }, statement, by);
    const late = authority.issue(node, { notAfter: START_MS + 366 * 24 * HOUR_MS }, statement, by);
    expect([faultOf(early), faultOf(late)]).toEqual(["issuer", "issuer"]);
  });

  it("is refused for another mesh, of the same authority too", () => {
    const meshId = meshIdOfName("other");
    expect(faultOf(authority.issue(node, { meshId }))).toBe("mesh");
    const statement = authority.delegate(1, issuers);
    const elsewhere = { ...statement, issuers: { ...statement.issuers, meshId } };
    expect(faultOf(authority.issue(node, {}, elsewhere, issuers.slice(0, 1)))).toBe("mesh");
  });

  it("gains nothing by one issuer signing twice", () => {
    const statement = authority.delegate(2, issuers);
    const once = authority.issue(node, {}, statement, issuers.slice(0, 1));
    const key = issuers[0] ?? newKey();
    expect(faultOf(endorse(once, key, crypto))).toBe("quorum");
    const twice = { ...once, endorsements: [...once.endorsements, ...once.endorsements] };
    expect(decodeCredential(encodeCredential(twice))).toBeUndefined();
  });

  it("is not endorsed by a key that its statement does not name", () => {
    const statement = authority.delegate(1, issuers);
    expect(() => authority.issue(node, {}, statement, [newKey()])).toThrow(
      expect.objectContaining({ code: "MESH_CERTIFICATE_INVALID" }),
    );
  });

  it.each([0, 4, 1.5])("is not put under a threshold of %d of 3", (threshold) => {
    expect(() => authority.delegate(threshold, issuers)).toThrow(
      expect.objectContaining({ code: "MESH_VALUE_INVALID" }),
    );
  });
});
