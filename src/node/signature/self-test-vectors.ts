/**
 * What every backend must answer before it may serve: known signatures and their verdicts under rule
 * mesh-ed25519-v1. The RFC 8032 section 7.1 tests also carry the seed, and the backend must make the
 * same bytes from it. The others are lines of test/vectors/ed25519-strict.json, one for each way in
 * which known libraries differ.
 */

export interface SelfTestVector {
  readonly name: string;
  /** All fields are hex. */
  readonly publicKey: string;
  readonly message: string;
  readonly signature: string;
  readonly valid: boolean;
  /** Present where the signature is the one this seed must give. */
  readonly seed?: string;
}

export const SELF_TEST_VECTORS: readonly SelfTestVector[] = [
  {
    name: "RFC 8032 TEST 1",
    seed: "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
    publicKey: "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
    message: "",
    signature:
      "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    valid: true,
  },
  {
    name: "RFC 8032 TEST 2",
    seed: "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
    publicKey: "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
    message: "72",
    signature:
      "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    valid: true,
  },
  {
    name: "RFC 8032 TEST 3",
    seed: "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
    publicKey: "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
    message: "af82",
    signature:
      "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
    valid: true,
  },
  {
    name: "RFC 8032 TEST SHA(abc)",
    seed: "833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42",
    publicKey: "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
    message:
      "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
    signature:
      "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704",
    valid: true,
  },
  {
    name: "RFC 8032 TEST 2 with another message",
    publicKey: "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
    message: "73",
    signature:
      "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    valid: false,
  },
  {
    name: "mixed-order A and R, cofactorless equation holds",
    publicKey: "46c09da80d8c69b6a41070a1241bae38f07b506c0ae03ace4b7db084b5f5afb2",
    message: "016d",
    signature:
      "fff23712ad0f956fe9b3cac7a1fdbda3d742a57b5f6730af866c984570d9c09aeb0eb5b96642ac4e49603bfc641b1774b1d88e610807a0069047b402b0709b0a",
    valid: true,
  },
  {
    name: "mixed-order A, prime-order R, cofactorless equation holds",
    publicKey: "02fae3a5163d1608b6948f982777d4ab757ed5cf7fc03a844f577618c19b44f2",
    message: "006d",
    signature:
      "5a2e18fa08b660b85dbbcaa238fd93687341ef460acdb3f9473f5bb7b9afbddaf9617240d90335ce6f01931b8e10a02efde6448be842f280662e814181c3dd02",
    valid: true,
  },
  {
    name: "mixed-order A, holds only with k reduced",
    publicKey: "43329230108f9f7bbec76171ba5b185042f0ad9a719451f090d272efb4cc418b",
    message: "006d",
    signature:
      "b88a84e109d8541deeb8c60c2f6299d8370d93dde537126f517f66cb3a2b7736394db7273a1d5e3efcc8bdc283f66000472c92dc78043346f21a17114b80a306",
    valid: true,
  },
  {
    name: "mixed-order A, holds only with k unreduced",
    publicKey: "43329230108f9f7bbec76171ba5b185042f0ad9a719451f090d272efb4cc418b",
    message: "0c6d",
    signature:
      "b88a84e109d8541deeb8c60c2f6299d8370d93dde537126f517f66cb3a2b77365435454f44f46a1a0e30aa873b5181bb0a01e8e8e6575c81886cc5364d1c9001",
    valid: false,
  },
  {
    name: "mixed-order A and R, holds only with the cofactor",
    publicKey: "296de3cd697bf979653b27ecdb91f80576b63cfa6f3c2f3166703d2dc47112a2",
    message: "006d",
    signature:
      "ec38dd7b4cc961af5c727458737190f5462ac864af23c98acc1aeea9e63548cc081082a1fc3af1126222f365b0d41508c9d8a3eb24bba49162cf55bac8829f08",
    valid: false,
  },
  {
    name: "prime-order A, mixed-order R, holds only with the cofactor",
    publicKey: "fa75aeba85fd2370f37890c18f93831a338f4e2661279cfcb7e222e5c9eab19e",
    message: "006d",
    signature:
      "128016976d0be9cb8cb78512cf3353ea37f73996ea14c7615b88dc297c7a45beb87a160ab80d9940de57dc398e5ef2bf78ff2ac23fd5b0b8d44b2978c487aa0e",
    valid: false,
  },
  {
    name: "S + L",
    publicKey: "2a222d21ae9a2fca01ea18ccb1f33b4df9d40bd45d6041d8fe1c076418b4ac4a",
    message: "006d",
    signature:
      "78286a742bc00dac2a114ccbe4327624e77ba0aaa80fbe05b2d9100165986a12bdc45fb3c56cee4d63b0667ed1c54084af8f37dd1ba3d16866677af118d4bf1d",
    valid: false,
  },
  {
    name: "S + 7L",
    publicKey: "2a222d21ae9a2fca01ea18ccb1f33b4df9d40bd45d6041d8fe1c076418b4ac4a",
    message: "006d",
    signature:
      "78286a742bc00dac2a114ccbe4327624e77ba0aaa80fbe05b2d9100165986a124bbc22e163bf5c5e695d345009a17a01b08f37dd1ba3d16866677af118d4bf7d",
    valid: false,
  },
  {
    name: "A of order 1, equation holds",
    publicKey: "0100000000000000000000000000000000000000000000000000000000000000",
    message: "026d",
    signature:
      "535121ad01c073d0de1856bdf343b7ad894bc85dd98709beb22970b5c5b0f45f4411c8bf00fd26a5f765c1121ab7e7f1439a8ab8b80fea0dcbf82b6bcd1efc0b",
    valid: false,
  },
  {
    name: "A of order 8, equation holds",
    publicKey: "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    message: "016d",
    signature:
      "e672cc2ae05a9893c6b4edbce5f92d8092158f30730711a90fdf69f53d7cf4f9cf86fff6a66879f5789283fc15b3c29e2be4113af0a2c4c97f2b566e819c2808",
    valid: false,
  },
  {
    name: "A with y = p, equation holds",
    publicKey: "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    message: "206d",
    signature:
      "588ae61992c45e579754c752b65e4dda9e0297257997448d01874c36483e62e76e6e170195f1b84a33f4bc9e9b1c60d8cfa358d79d50d72c099f469e5e731b01",
    valid: false,
  },
  {
    name: "R of order 1, equation holds",
    publicKey: "971b6567c24e5a1b0e9c0e2a6ea97683ad5c13f227e7bd7290dedc8eb8355534",
    message: "0000",
    signature:
      "0100000000000000000000000000000000000000000000000000000000000000af5817df0575feb46832b9c15d9e6ed712e60fc3156ef8399f8b128f76582b00",
    valid: false,
  },
  {
    name: "R with y = p + 1, holds with the cofactor",
    publicKey: "03a63af6a59372e7a2d451b9b77ca1ea770f35eaf385c51d1daf8bf367d95931",
    message: "0200",
    signature:
      "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f334f788931049a4f697c6d18cf860210c1211264c709ef14687ba5dd85d87e04",
    valid: false,
  },
];
