// Uploads a file with the stock tus-js-client: node tus_client.mjs ENDPOINT FILE WAY
import { createReadStream, statSync } from "node:fs";
import { basename } from "node:path";
import { Upload } from "tus-js-client";

const [endpoint, path, way] = process.argv.slice(2);
const size = statSync(path).size;
const MIB = 1 << 20;

/** One upload to its end; with `cutAt`, aborted there first and then gone on with.
 * @param {object} [more] options for tus-js-client
 * @param {number} [cutAt] bytes */
function upload(more = {}, cutAt = Infinity) {
  return new Promise((resolve, reject) => {
    let cut = false;
    const upload = new Upload(createReadStream(path), {
      endpoint,
      uploadSize: size,
      chunkSize: 5 * MIB,
      metadata: { filename: basename(path) },
      retryDelays: [0, 100, 500],
      onError: reject,
      onSuccess: () => resolve(upload.url),
      onProgress(sent) {
        if (cut || sent < cutAt) return;
        cut = true;
        upload.abort().then(() => resolve(upload.url), reject);
      },
      ...more,
    });
    upload.start();
  });
}

const ways = {
  whole: () => upload({ chunkSize: size }),
  pieces: () => upload(),
  async cut() {
    const url = await upload({}, 8 * MIB);
    await upload({ uploadUrl: url });
  },
  // A page that lost its memory creates again under the same grant, and must not begin anew.
  async twice() {
    const url = await upload({}, 8 * MIB);
    if ((await upload()) !== url) throw new Error("a second upload was made");
  },
  "with-creation": () => upload({ uploadDataDuringCreation: true }),
};

await ways[way]();
console.log("done");
