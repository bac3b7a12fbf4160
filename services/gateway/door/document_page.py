"""The page that shows the OpenAPI document, by the kept viewer RapiDoc, and what this node adds to it."""

PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Commonplace API</title>
<link rel="icon" href="data:,">
<style>
  body { margin: 0 }
  rapi-doc { --font-regular: system-ui, sans-serif; --font-mono: ui-monospace, monospace }
  rapi-doc [slot] { font-size: 14px; line-height: 1.6; max-width: 50rem }
  rapi-doc:not(:defined), noscript { display: block; font: 1.1rem/1.5 system-ui, sans-serif; padding: 2rem }
</style>
<script type="module" src="/v1/docs/rapidoc-min.js"></script>
<script type="module" src="/v1/docs/try.js"></script>
<rapi-doc spec-url="/v1/openapi.json" load-fonts="false" color-scheme="light" theme="#005a8d"
  render-style="focused" show-header="false" schema-description-expanded="true" sort-tags="false"
  allow-server-selection="false" persist-auth="false" fill-request-fields-with-example="true"
  show-method-in-nav-bar="as-colored-text">
  <div slot="overview">
    <p>To try an operation, give a personal access token (<code>cop_…</code>) or a client's id and secret under
    <em>Authentication</em>. TRY may be pressed as often as you like: while the field <code>Idempotency-Key</code>
    is empty, every request is sent with a new one. <code>If-Match</code> wants the <code>ETag</code> of your last
    reading, which stands among its response headers.</p>
  </div>
  <noscript>This page needs a script to show <a href="/v1/openapi.json">the document</a>.</noscript>
</rapi-doc>
</html>
"""

TRY = """// The node is asked by the name under which the page was opened; any other would be a foreign host.
document.querySelector("rapi-doc").addEventListener("before-render", (event) => {
  event.detail.spec.servers = [{ url: location.origin }];
});

// Every TRY is a request of its own, unless its key was typed.
document.addEventListener("before-try", (event) => {
  const { headers, method } = event.detail.request;
  if (method !== "GET" && !headers.has("Idempotency-Key")) {
    const random = crypto.getRandomValues(new Uint8Array(16));
    const key = Array.from(random, (byte) => byte.toString(16).padStart(2, "0")).join("");
    headers.set("Idempotency-Key", key);
    const shown = event.composedPath()[0];
    if (shown.curlSyntax) {
      shown.curlSyntax = shown.curlSyntax.trimEnd() + ` \\\\\\n -H "Idempotency-Key: ${key}"`;
    }
  }
});
"""
