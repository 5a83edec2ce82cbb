/* The real tus-js-client as the client of a test: node tus_client.cjs LIBRARY ENDPOINT FILE HEADERS CHUNK
   Prints "at OFFSET" for every offset it was told and "done URL" at the end; ends with 3 when the server
   tells less than it had vouched for. The browser's build is given node's fetch to speak with. */
const fs = require("node:fs");
const [library, endpoint, path, headers, chunk] = process.argv.slice(2);
globalThis.window = globalThis;
const tus = require(library);
let vouched = 0;

class Answer {
  constructor(status, headers, body) { Object.assign(this, { status, headers, body }); }
  getStatus() { return this.status; }
  getHeader(name) { return this.headers.get(name) || undefined; }
  getBody() { return this.body; }
  getUnderlyingObject() { return this; }
}
class Request {
  constructor(method, url) { this.method = method; this.url = url; this.headers = {}; this.stop = new AbortController(); }
  getMethod() { return this.method; }
  getURL() { return this.url; }
  setHeader(name, value) { this.headers[name] = value; }
  getHeader(name) { return this.headers[name]; }
  setProgressHandler() {}
  async send(body) {
    const answer = await fetch(this.url, { method: this.method, headers: this.headers, body: body || undefined, signal: this.stop.signal });
    const offset = answer.headers.get("Upload-Offset");
    if (offset !== null) {
      if (Number(offset) < vouched) { console.log(`lost ${vouched} ${offset}`); process.exit(3); }
      vouched = Number(offset); console.log(`at ${offset}`);
    }
    return new Answer(answer.status, answer.headers, await answer.text());
  }
  async abort() { this.stop.abort(); }
  getUnderlyingObject() { return this; }
}

const upload = new tus.Upload(new Blob([fs.readFileSync(path)]), {
  endpoint, chunkSize: Number(chunk), headers: JSON.parse(headers), metadata: { filename: "现场.mp4", filetype: "video/mp4" },
  httpStack: { createRequest: (method, url) => new Request(method, url), getName: () => "fetch" },
  retryDelays: Array(10000).fill(50), onShouldRetry: () => true, storeFingerprintForResuming: false,
  onError: (error) => { console.log(`failed ${error}`); process.exit(2); },
  onSuccess: () => { console.log(`done ${upload.url}`); process.exit(0); },
});
upload.start();
