/** The tus client: its file is a classic script that leaves its API on the global object. */
import "tus-js-client";

/** @type {typeof import("tus-js-client")} */
export const tus = Reflect.get(globalThis, "tus");
