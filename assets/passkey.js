// Makes and uses passkeys (WebAuthn) for the page's form, and posts the answer with it. The server judges everything anew.
//
// A form with data-passkey="create" or "get" holds the options as JSON in data-options and takes the answer in its field
// "credential". Whatever goes wrong is told by the elements with data-problem inside it. With data-autofill the browser may
// also offer passkeys where the address is typed.
"use strict";

(() => {
  const form = document.querySelector("form[data-passkey]");
  if (!form) return;
  const making = form.dataset.passkey === "create";
  const problems = form.querySelectorAll("[data-problem]");
  let waiting = null;

  const tell = (problem) => {
    for (const one of problems) one.hidden = one.dataset.problem !== problem;
  };

  const bytes = (text) => {
    const padded = text.replace(/-/g, "+").replace(/_/g, "/");
    return Uint8Array.from(atob(padded), (character) => character.charCodeAt(0));
  };
  const text = (buffer) => {
    let binary = "";
    for (const byte of new Uint8Array(buffer)) binary += String.fromCharCode(byte);
    return btoa(binary).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  };

  // Written out, because not every browser and password manager has parseCreationOptionsFromJSON and toJSON.
  const options = () => {
    const read = JSON.parse(form.dataset.options);
    const known = (list) => (list || []).map((one) => ({ ...one, id: bytes(one.id) }));
    read.challenge = bytes(read.challenge);
    if (read.user) read.user.id = bytes(read.user.id);
    if (read.excludeCredentials) read.excludeCredentials = known(read.excludeCredentials);
    if (read.allowCredentials) read.allowCredentials = known(read.allowCredentials);
    return read;
  };
  const answer = (credential) => {
    const { response } = credential;
    const said = { clientDataJSON: text(response.clientDataJSON) };
    if (making) {
      said.attestationObject = text(response.attestationObject);
      said.transports = response.getTransports ? response.getTransports() : [];
    } else {
      said.authenticatorData = text(response.authenticatorData);
      said.signature = text(response.signature);
      said.userHandle = response.userHandle ? text(response.userHandle) : null;
    }
    return JSON.stringify({
      id: credential.id,
      rawId: text(credential.rawId),
      type: credential.type,
      response: said,
      clientExtensionResults: {},
    });
  };

  const problemOf = (error) => {
    switch (error && error.name) {
      case "InvalidStateError": return "known";
      case "NotSupportedError":
      case "ConstraintError": return "unsuitable";
      case "SecurityError": return "unsupported";
      default: return "cancelled";
    }
  };

  const send = (credential) => {
    form.elements.credential.value = answer(credential);
    // Not form.submit(): the button of that name stands before it.
    HTMLFormElement.prototype.submit.call(form);
  };

  const ask = async (extra) => {
    if (waiting) waiting.abort();
    const mine = new AbortController();
    waiting = mine;
    const request = { publicKey: options(), signal: mine.signal, ...extra };
    try {
      const credential = await (making ? navigator.credentials.create(request) : navigator.credentials.get(request));
      if (credential) send(credential);
    } catch (error) {
      // What another request has replaced is nobody's problem, and an offer not taken up is none either.
      if (!mine.signal.aborted && !extra.mediation) tell(problemOf(error));
    }
  };

  if (!window.PublicKeyCredential || !navigator.credentials) {
    tell("unsupported");
    return;
  }
  for (const one of form.querySelectorAll("[data-needs-passkeys]")) one.hidden = false;
  if (form.dataset.autofill !== undefined) {
    form.hidden = false;
    const can = PublicKeyCredential.isConditionalMediationAvailable;
    Promise.resolve(can ? can.call(PublicKeyCredential) : false)
      .then((available) => { if (available && !waiting) ask({ mediation: "conditional" }); })
      .catch(() => {});
  }
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    tell(null);
    ask({});
  });
})();
