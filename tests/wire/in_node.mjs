/** Runs the task in the first argument and prints what happened. */
import { run } from "./payer.mjs";

console.log(JSON.stringify(await run(JSON.parse(process.argv[2]))));
