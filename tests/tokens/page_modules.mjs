// The page's own modules beside the stock library: same points, same texts. Prints "ok".
import assert from "node:assert/strict";
import {
  blindMessage,
  createBlindSignature,
  createDLEQProof,
  getDecodedToken,
  getEncodedToken,
  hashToCurve,
  pointFromHex,
  verifyUnblindedSignature,
} from "@cashu/cashu-ts";
import { secp256k1 } from "@noble/curves/secp256k1.js";
import { blinded, fresh, NotProven, unblinded, yOf } from "../../static/js/tokens/curve.js";
import { enough, exactly, split, spread, worth } from "../../static/js/tokens/split.js";
import { NotOurs, tokensOf, written } from "../../static/js/tokens/text.js";

const hex = (octets) => Buffer.from(octets).toString("hex");
const key = secp256k1.utils.randomSecretKey();
const K = hex(secp256k1.getPublicKey(key));
const mint = "https://tube.example/mint";
const id = `01${"ab".repeat(32)}`;

const tokens = [];
for (let times = 0; times < 8; times += 1) {
  const kept = fresh();
  const secret = new TextEncoder().encode(kept.secret);
  assert.equal(yOf(kept.secret), hashToCurve(secret).toHex(true));
  const theirs = blindMessage(secret, BigInt(`0x${kept.r}`));
  assert.equal(blinded(kept), theirs.B_.toHex(true));

  const B_ = pointFromHex(blinded(kept));
  const C_ = createBlindSignature(B_, key, id).C_.toHex(true);
  const proof = createDLEQProof(B_, key);
  const dleq = { e: hex(proof.e), s: hex(proof.s) };
  const C = unblinded(kept, { C_, dleq }, K);
  assert.ok(verifyUnblindedSignature({ secret, C: pointFromHex(C), id }, key));
  for (const wrong of [undefined, { ...dleq, e: dleq.s }, { ...dleq, s: "01".repeat(32) }]) {
    assert.throws(() => unblinded(kept, { C_, dleq: wrong }, K), NotProven);
  }
  tokens.push({ amount: 5 * 10 ** (times + 3), id, secret: kept.secret, C });
}

const text = written(tokens, mint);
const decoded = getDecodedToken(text, [id]);
assert.equal(decoded.mint, mint);
assert.deepEqual(decoded.proofs.map((each) => Number(each.amount)), tokens.map((each) => each.amount));
assert.deepEqual(decoded.proofs.map((each) => each.C), tokens.map((each) => each.C));

const stock = getEncodedToken({ mint, unit: "cld", proofs: decoded.proofs, memo: "for you" });
const back = tokensOf(`here: ${stock}.`, mint);
assert.deepEqual(back.map((each) => each.secret), tokens.map((each) => each.secret));
assert.ok(back.every((each) => id.startsWith(each.id)));
for (const no of ["", "cashuA", "cashuBqqq", text.slice(0, -9)]) {
  assert.throws(() => tokensOf(no, mint), NotOurs);
}
assert.throws(() => tokensOf(text, "https://other.example/mint"), NotOurs);

for (const amount of [1, 7, 99, 1_000, 30_000_000, 123_456_789, 10 ** 12]) {
  for (const parts of [split(amount), spread(amount)]) {
    assert.equal(parts.reduce((sum, part) => sum + part, 0), amount);
    assert.deepEqual(parts, [...parts].sort((one, other) => one - other));
  }
}
const purse = spread(10 ** 8).map((amount) => ({ amount }));
for (const price of [1_000_000, 5_000_000, 7_000_000, 30_000_000, 99_000_000]) {
  const chosen = exactly(purse, price) ?? enough(purse, price);
  assert.ok(worth(chosen) >= price);
}
assert.equal(enough(purse, 10 ** 8 + 1), undefined);
process.stdout.write("ok");
