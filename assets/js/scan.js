// The scan screen. Without this file the form still takes a typed code or a photo.

import { camera } from "./scan/camera.js";
import { codeOf } from "./scan/code.js";
import { signal } from "./scan/signals.js";
import { listen } from "./scan/wedge.js";

const result = document.querySelector("[data-scan-result]");
if (result && /^(ok|again|refused)$/.test(result.dataset.scanResult)) signal(result.dataset.scanResult);

const form = document.querySelector("form[data-scan]");
if (form) {
  const input = form.querySelector("[data-scan-input]");
  const message = form.querySelector("[data-scan-message]");
  const photo = form.querySelector("[data-scan-photo]");

  // kind: the name of a text in the form's data-text-… attributes.
  const say = (kind, tone, more) => {
    if (!message) return;
    const text = form.getAttribute(`data-text-${kind}`) || "";
    message.textContent = more ? text + more : text;
    message.dataset.kind = tone || "";
  };

  const send = () => {
    if (form.requestSubmit) form.requestSubmit();
    else form.submit();
  };

  const take = (raw) => {
    const code = codeOf(raw);
    if (!code) return;
    input.value = code;
    if (photo) photo.value = "";
    signal("hit");
    say("hit", "hit", code);
    send();
  };

  form.addEventListener("submit", () => {
    input.value = codeOf(input.value);
  });
  if (photo) {
    photo.addEventListener("change", () => {
      if (!photo.files.length) return;
      input.value = "";
      say("photo");
      send();
    });
  }

  listen(take);
  camera(form, { take, say });
  window.simulateScan = take;
}
