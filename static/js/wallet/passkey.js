/**
 * A secret that only a passkey knows (WebAuthn's PRF extension); no server takes part.
 *
 * @typedef {{ credential: string, salt: string, secret: Uint8Array }} Secret texts in base64url
 */
import { create, get, supported } from "../people/credentials.js";
import { random } from "./octets.js";

export { supported };

/** This device's passkeys keep no such secrets. */
export class NoSecret extends Error {}

/**
 * Make a passkey for the wallet and learn its secret.
 *
 * @param {string} name what the browser lists it as
 * @returns {Promise<Secret>} raises NoSecret, and what the browser raises when people say no
 */
export async function newSecret(name) {
  const salt = base64url(random(32));
  const made = await create({
    challenge: base64url(random(32)),
    rp: { id: location.hostname, name: document.title },
    user: { id: base64url(random(16)), name, displayName: name },
    pubKeyCredParams: [
      { type: "public-key", alg: -8 },
      { type: "public-key", alg: -7 },
      { type: "public-key", alg: -257 },
    ],
    authenticatorSelection: { residentKey: "required", userVerification: "required" },
    extensions: { prf: { eval: { first: salt } } },
  });
  return secretOf(made, salt);
}

/**
 * @param {{ credential: string, salt: string }} kept
 * @returns {Promise<Secret>}
 */
export async function sameSecret({ credential, salt }) {
  const shown = await get({
    challenge: base64url(random(32)),
    rpId: location.hostname,
    allowCredentials: [{ type: "public-key", id: credential }],
    userVerification: "required",
    extensions: { prf: { eval: { first: salt } } },
  });
  return secretOf(shown, salt);
}

/**
 * @param {Record<string, unknown>} answer
 * @param {string} salt
 */
function secretOf(answer, salt) {
  if (typeof answer.prf !== "string") throw new NoSecret();
  const text = answer.prf.replaceAll("-", "+").replaceAll("_", "/");
  const secret = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  return { credential: String(answer.id), salt, secret };
}

/** @param {Uint8Array} octets */
function base64url(octets) {
  const text = btoa(String.fromCharCode(...octets));
  return text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
