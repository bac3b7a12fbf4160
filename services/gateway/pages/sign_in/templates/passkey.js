// Asks the browser for a passkey, on the two pages that have a form for one. Without this script both say what else there is.
"use strict";
(() => {
  const toBytes = (text) =>
    Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (character) => character.charCodeAt(0));
  const toText = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

  const WHY = {
    NotAllowedError: "No passkey was given: it was cancelled, there is none, or it took too long. Try again, or sign in another way.",
    InvalidStateError: "This device has a passkey of yours already. Choose another device.",
    SecurityError: "Passkeys belong to this node's own name, and you are here by another address.",
    NotSupportedError: "This device cannot keep a passkey that we can use. Choose another device.",
  };

  // A status that is filled after it was shown is read out by screen readers.
  const say = (form, words) => { form.querySelector("[role=status]").textContent = words; };

  async function challengeFrom(address, headers) {
    const answer = await fetch(address, { method: "POST", headers });
    const told = await answer.json().catch(() => ({}));
    if (!answer.ok) throw new Error(told.detail || (answer.status === 429 ? "That was too often. Wait a minute." : ""));
    return told;
  }

  function fill(form, values) {
    for (const [name, value] of Object.entries(values)) form.elements[name].value = value;
  }

  async function signIn(form) {
    const told = await challengeFrom("/sign-in/passkey/challenge", {});
    const made = await navigator.credentials.get({ publicKey: {
      challenge: toBytes(told.challenge), rpId: told.relying_party, userVerification: "required", timeout: 300000,
    } });
    fill(form, {
      credential: toText(made.rawId),
      client_data: toText(made.response.clientDataJSON),
      authenticator_data: toText(made.response.authenticatorData),
      signature: toText(made.response.signature),
      user_handle: made.response.userHandle ? toText(made.response.userHandle) : "",
    });
  }

  async function add(form) {
    const told = await challengeFrom("/v1/passkey-challenges", { "Idempotency-Key": crypto.randomUUID() });
    const made = await navigator.credentials.create({ publicKey: {
      challenge: toBytes(told.challenge),
      rp: { id: told.relying_party, name: "Commonplace" },
      user: { id: toBytes(told.user), name: told.user_name, displayName: told.user_display_name },
      pubKeyCredParams: told.algorithms.map((alg) => ({ type: "public-key", alg })),
      excludeCredentials: told.exclude.map((id) => ({ type: "public-key", id: toBytes(id) })),
      authenticatorSelection: { residentKey: "required", requireResidentKey: true, userVerification: "required" },
      attestation: "none", timeout: 300000,
    } });
    fill(form, {
      client_data: toText(made.response.clientDataJSON), attestation: toText(made.response.attestationObject),
    });
  }

  function offer(id, ask) {
    const form = document.getElementById(id);
    if (!form) return;
    form.hidden = false;
    const button = form.querySelector("button");
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      button.disabled = true;
      say(form, "Follow what your browser asks.");
      try {
        await ask(form);
        say(form, "One moment.");
        form.submit();
      } catch (error) {
        say(form, WHY[error.name] || error.message || "That did not work. Try again, or sign in another way.");
        button.disabled = false;
        button.focus();
      }
    });
  }

  if (!window.PublicKeyCredential) return;
  offer("passkey-sign-in", signIn);
  offer("passkey-add", add);
})();
