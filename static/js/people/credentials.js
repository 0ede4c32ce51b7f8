/**
 * Asking the browser for passkeys: options come from the server as JSON, answers
 * go back as JSON, with the output of the PRF extension as `prf` where there is one.
 *
 * @typedef {Record<string, unknown>} Answer
 * @typedef {{ challenge: string, extensions: { prf: { eval: { first: string } } } }} Options
 */

export const supported = "PublicKeyCredential" in window;

/**
 * @param {any} options as wetube/people/passkeys.py writes them
 * @returns {Promise<Answer>}
 */
export async function create(options) {
  const publicKey = {
    ...options,
    challenge: bytes(options.challenge),
    user: { ...options.user, id: bytes(options.user.id) },
    excludeCredentials: (options.excludeCredentials ?? []).map(withBytes),
    extensions: prf(options),
  };
  const made = await navigator.credentials.create({ publicKey });
  if (!(made instanceof PublicKeyCredential)) throw new Error("no passkey was made");
  const response = /** @type {AuthenticatorAttestationResponse} */ (made.response);
  const answer = base(made, {
    clientDataJSON: text(response.clientDataJSON),
    attestationObject: text(response.attestationObject),
  });
  // Many authenticators give the PRF output only when they are asked to sign in.
  const results = made.getClientExtensionResults().prf;
  if (results?.enabled && !results.results) answer.prf = await ask(options, made.rawId);
  return answer;
}

/**
 * @param {any} options as wetube/people/passkeys.py writes them
 * @returns {Promise<Answer>}
 */
export async function get(options) {
  const publicKey = { ...options, challenge: bytes(options.challenge), extensions: prf(options) };
  publicKey.allowCredentials = (options.allowCredentials ?? []).map(withBytes);
  const shown = await navigator.credentials.get({ publicKey });
  if (!(shown instanceof PublicKeyCredential)) throw new Error("no passkey was chosen");
  const response = /** @type {AuthenticatorAssertionResponse} */ (shown.response);
  return base(shown, {
    clientDataJSON: text(response.clientDataJSON),
    authenticatorData: text(response.authenticatorData),
    signature: text(response.signature),
    userHandle: response.userHandle && text(response.userHandle),
  });
}

/**
 * @param {any} options
 * @param {ArrayBuffer} rawId
 */
async function ask(options, rawId) {
  const { extensions, rp } = options;
  const allowCredentials = [{ type: "public-key", id: text(rawId) }];
  const challenge = text(crypto.getRandomValues(new Uint8Array(32)).buffer);
  const userVerification = "required";
  const wanted = { challenge, extensions, allowCredentials, rpId: rp.id, userVerification };
  // Without this second touch the passkey still opens the door, if not the keys.
  return (await get(wanted).catch(() => ({ prf: undefined }))).prf;
}

/**
 * @param {PublicKeyCredential} credential
 * @param {Record<string, unknown>} response
 * @returns {Answer}
 */
function base(credential, response) {
  const secret = credential.getClientExtensionResults().prf?.results?.first;
  return {
    id: credential.id,
    rawId: text(credential.rawId),
    type: credential.type,
    response,
    prf: secret && text(secret),
  };
}

/** @param {Options} options */
function prf(options) {
  return { prf: { eval: { first: bytes(options.extensions.prf.eval.first) } } };
}

/** @param {{ id: string }} descriptor */
function withBytes(descriptor) {
  return { ...descriptor, id: bytes(descriptor.id) };
}

/** @param {string} base64url */
function bytes(base64url) {
  const binary = atob(base64url.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(binary, (letter) => letter.charCodeAt(0));
}

/** @param {BufferSource} source */
function text(source) {
  const octets = ArrayBuffer.isView(source)
    ? new Uint8Array(source.buffer)
    : new Uint8Array(source);
  const binary = String.fromCharCode(...octets);
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
