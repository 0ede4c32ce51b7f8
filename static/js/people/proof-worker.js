/**
 * The worker that looks for a number whose Argon2id hash begins with enough zero
 * bits; wetube/people/proofs.py says the rule. Import maps do not reach workers,
 * so the page sends the address of hash-wasm along.
 *
 * @typedef {{ id: string, bits: number, library: string }} Task
 */
self.addEventListener("message", async (/** @type {MessageEvent<Task>} */ event) => {
  const { id, bits, library } = event.data;
  const { argon2id } = await import(library);
  for (let number = 0; ; number += 1) {
    const digest = await argon2id({
      password: String(number),
      salt: id,
      memorySize: 8192,
      iterations: 1,
      parallelism: 1,
      hashLength: 32,
      outputType: "binary",
    });
    if (leadingZeros(digest) >= bits) {
      self.postMessage(number);
      return;
    }
  }
});

/** @param {Uint8Array} digest */
function leadingZeros(digest) {
  const first = digest.findIndex((octet) => octet !== 0);
  return first < 0 ? digest.length * 8 : first * 8 + Math.clz32(digest[first]) - 24;
}
