/**
 * Argon2id in a worker, so that the page stays awake meanwhile. Import maps do not
 * reach workers, so the page sends the address of hash-wasm along.
 *
 * @typedef {{
 *   password: string, salt: Uint8Array, memory: number, iterations: number, library: string,
 * }} Stretching memory in KiB
 */
self.addEventListener("message", async (/** @type {MessageEvent<Stretching>} */ event) => {
  const { password, salt, memory, iterations, library } = event.data;
  const { argon2id } = await import(library);
  const options = { parallelism: 1, hashLength: 32, outputType: "binary" };
  self.postMessage(await argon2id({ password, salt, memorySize: memory, iterations, ...options }));
});
