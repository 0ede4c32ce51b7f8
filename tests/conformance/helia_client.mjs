// A stock Helia that knows nothing but a router: finds who has a CID, fetches block by
// block, verifies each, and puts files and ranges together. Speaks JSON: in by the
// arguments, out by stdout, one answer for each ask.
import { createHash } from "node:crypto";
import { withHTTP } from "@helia/http";
import { createVerifiedFetch } from "@helia/verified-fetch";
import { createHeliaLight } from "helia";

const [router, asks] = process.argv.slice(2);
const helia = withHTTP(createHeliaLight(), {
  delegatedRouters: [router],
  recursiveGateways: [],
  allowInsecure: true,
  allowLocal: true,
});
const fetch = await createVerifiedFetch(await helia.start());
const options = { allowInsecure: true, allowLocal: true };
const answers = [];
for (const { resource, headers } of JSON.parse(asks)) {
  const signal = AbortSignal.timeout(30_000);
  try {
    const reply = await fetch(resource, { ...options, headers, signal });
    const body = new Uint8Array(await reply.arrayBuffer());
    const sha256 = createHash("sha256").update(body).digest("hex");
    answers.push({ status: reply.status, size: body.length, sha256 });
  } catch (error) {
    answers.push({ status: 0, error: error.name });
  }
}
await fetch.stop();
process.stdout.write(JSON.stringify(answers), () => process.exit(0));
