// Asks the device for a passkey. Without this script the mail's link is the way to sign in.
"use strict";
(() => {
  const form = document.querySelector("form[data-passkey]");
  if (!form) return;
  const show = (name) => {
    for (const one of form.querySelectorAll("[data-says]")) one.hidden = one.dataset.says !== name;
  };
  form.hidden = false;
  if (!window.PublicKeyCredential) {
    for (const one of form.querySelectorAll("button, input, label")) one.hidden = true;
    return show("unsupported");
  }

  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (one) => one.charCodeAt(0));
  const text = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

  async function options() {
    const answer = await fetch(form.dataset.passkey, {
      method: "POST",
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: new URLSearchParams({ mark: form.elements.mark ? form.elements.mark.value : "" }),
    });
    // Signed out meanwhile: the page that says so is where the answer came from.
    if (answer.redirected) return location.assign(answer.url);
    if (answer.ok) return answer.json();
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    document.querySelector("main").replaceChildren(...page.querySelector("main").childNodes);
    return null;
  }

  async function make(asked) {
    asked.challenge = bytes(asked.challenge);
    asked.user.id = bytes(asked.user.id);
    for (const one of asked.excludeCredentials || []) {
      one.id = bytes(one.id);
      if (one.transports && !one.transports.length) delete one.transports;
    }
    const made = await navigator.credentials.create({ publicKey: asked });
    return answered(made, {
      attestationObject: text(made.response.attestationObject),
      transports: made.response.getTransports ? made.response.getTransports() : [],
    });
  }

  async function sign(asked) {
    asked.challenge = bytes(asked.challenge);
    const signed = await navigator.credentials.get({ publicKey: asked });
    return answered(signed, {
      authenticatorData: text(signed.response.authenticatorData),
      signature: text(signed.response.signature),
      userHandle: signed.response.userHandle ? text(signed.response.userHandle) : null,
    });
  }

  function answered(credential, response) {
    response.clientDataJSON = text(credential.response.clientDataJSON);
    return JSON.stringify({
      id: credential.id,
      rawId: text(credential.rawId),
      type: credential.type,
      authenticatorAttachment: credential.authenticatorAttachment || undefined,
      clientExtensionResults: credential.getClientExtensionResults(),
      response,
    });
  }

  const button = form.querySelector("button");
  // Whoever comes back to the page may try again.
  addEventListener("pageshow", () => (button.disabled = false));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    button.disabled = true;
    show("");
    try {
      const asked = await options();
      if (!asked) return;
      form.elements.credential.value = await (asked.user ? make(asked) : sign(asked));
      form.submit();
    } catch (error) {
      // The device tells pages little on purpose: it has no such key, or somebody has changed their mind.
      show(error.name === "InvalidStateError" ? "known" : error.name === "SecurityError" ? "elsewhere" : "nothing");
      button.disabled = false;
    }
  });
})();
