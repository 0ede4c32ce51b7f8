/**
 * Payment channels and what is signed for them, named as in x402's `batch-settlement`.
 *
 * @typedef {import("./typed.js").Domain} Domain
 * @typedef {{
 *   payer: string, payerAuthorizer: string, receiver: string, receiverAuthorizer: string,
 *   token: string, withdrawDelay: number, salt: string,
 * }} Config
 * @typedef {{
 *   chainId: number, token: string, tokenName: string, tokenVersion: string, receiver: string,
 *   receiverAuthorizer: string, withdrawDelay: number,
 * }} Terms
 * @typedef {{ channelId: string, maxClaimableAmount: string, signature: string }} Voucher
 */
import { keccak_256 as keccak } from "@noble/hashes/sha3.js";
import { sign } from "./keys.js";
import { hex, joined, random, unhex } from "./octets.js";
import { digest } from "./typed.js";

// Where every x402 client looks for these contracts, on any chain.
export const CHANNELS = "0x4020074e9dF2ce1deE5A9C1b5c3f541D02a10003";
export const COLLECTOR = "0x4020806089470a89826cB9fB1f4059150b550004";

const CONFIG = {
  name: "ChannelConfig",
  members: [
    { name: "payer", type: "address" },
    { name: "payerAuthorizer", type: "address" },
    { name: "receiver", type: "address" },
    { name: "receiverAuthorizer", type: "address" },
    { name: "token", type: "address" },
    { name: "withdrawDelay", type: "uint40" },
    { name: "salt", type: "bytes32" },
  ],
};
const VOUCHER = {
  name: "Voucher",
  members: [
    { name: "channelId", type: "bytes32" },
    { name: "maxClaimableAmount", type: "uint128" },
  ],
};
const MOVE = [
  { name: "from", type: "address" },
  { name: "to", type: "address" },
  { name: "value", type: "uint256" },
  { name: "validAfter", type: "uint256" },
  { name: "validBefore", type: "uint256" },
  { name: "nonce", type: "bytes32" },
];
const RECEIVE = { name: "ReceiveWithAuthorization", members: MOVE };
const TRANSFER = { name: "TransferWithAuthorization", members: MOVE };
const LIFETIME = 3600; // seconds in which a deposit must reach the chain

/**
 * A channel of this device's own: its salt makes two devices of one payer two channels.
 *
 * @param {Terms} terms
 * @param {{ payer: string, authorizer: string }} keys
 * @returns {Config}
 */
export function newConfig(terms, { payer, authorizer }) {
  return {
    payer,
    payerAuthorizer: authorizer,
    receiver: terms.receiver,
    receiverAuthorizer: terms.receiverAuthorizer,
    token: terms.token,
    withdrawDelay: terms.withdrawDelay,
    salt: hex(random(32)),
  };
}

/**
 * @param {Config} config
 * @param {number} chainId
 */
export function channelId(config, chainId) {
  return hex(digest(domainOf(chainId), CONFIG, config));
}

/**
 * "Of this channel, so many drops may be claimed in all", signed.
 *
 * @param {{ chainId: number, channel: string, most: bigint, key: Uint8Array }} what
 * @returns {Voucher}
 */
export function voucher({ chainId, channel, most, key }) {
  const signed = voucherDigest(chainId, channel, most);
  return { channelId: channel, maxClaimableAmount: String(most), signature: sign(signed, key) };
}

/**
 * @param {number} chainId
 * @param {string} channel
 * @param {bigint} most
 */
export function voucherDigest(chainId, channel, most) {
  return digest(domainOf(chainId), VOUCHER, { channelId: channel, maxClaimableAmount: most });
}

/**
 * What the payer signs so that coin may be locked in the channel (EIP-3009).
 *
 * @param {{ terms: Terms, payer: string, channel: string, amount: bigint, now?: number }} what
 */
export function deposit({ terms, payer, channel, amount, now = Date.now() / 1000 }) {
  const salt = hex(random(32));
  const nonce = hex(keccak(joined(unhex(channel), unhex(salt))));
  const validBefore = Math.floor(now) + LIFETIME;
  const values = { from: payer, to: COLLECTOR, value: amount, validAfter: 0, validBefore, nonce };
  return {
    domain: coinDomain(terms),
    struct: RECEIVE,
    values,
    authorization: { validAfter: "0", validBefore: String(validBefore), salt },
  };
}

/**
 * What the owner of coin signs so that anybody may move it to `to` for them (EIP-3009).
 *
 * @param {{ terms: Terms, from: string, to: string, amount: bigint, now?: number }} what
 */
export function transfer({ terms, from, to, amount, now = Date.now() / 1000 }) {
  const validBefore = Math.floor(now) + LIFETIME;
  const nonce = hex(random(32));
  const values = { from, to, value: amount, validAfter: 0, validBefore, nonce };
  return { domain: coinDomain(terms), struct: TRANSFER, values };
}

/** @param {Terms} terms @returns {Domain} */
function coinDomain({ chainId, token, tokenName, tokenVersion }) {
  return { name: tokenName, version: tokenVersion, chainId, verifyingContract: token };
}

/** @param {number} chainId @returns {Domain} */
function domainOf(chainId) {
  return { name: "x402 Batch Settlement", version: "1", chainId, verifyingContract: CHANNELS };
}
