// Pages that take scans. Without this file the form still takes a typed code or a photo.

import { camera } from "./scan/camera.js";
import { codeOf, sendable } from "./scan/code.js";
import { confirming } from "./scan/confirm.js";
import { signal } from "./scan/signals.js";
import { listen } from "./scan/wedge.js";

const result = document.querySelector("[data-scan-result]");
if (result && /^(ok|again|refused)$/.test(result.dataset.scanResult)) signal(result.dataset.scanResult);

const waiting = document.querySelector("[data-scan-confirm]");
const errors = document.querySelector("[data-error-summary]");
if (waiting && errors) signal("refused");

// The scan form. Returns what takes a scan.
const leading = (form, input) => {
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
    if (code === form.dataset.scanShown) {
      signal("again");
      say("shown", "again");
      return;
    }
    input.value = sendable(raw);
    if (photo) photo.value = "";
    signal("hit");
    say("hit", "hit", code);
    send();
  };

  form.addEventListener("submit", () => {
    input.value = sendable(input.value);
  });
  if (photo) {
    photo.addEventListener("change", () => {
      if (!photo.files.length) return;
      input.value = "";
      say("photo");
      send();
    });
  }

  camera(form, { take, say });
  // On a touch screen the focus would open the keyboard over the page.
  if (input.hasAttribute("data-scan-focus") && !errors && window.matchMedia("(pointer: fine)").matches) {
    input.focus({ preventScroll: true });
  }
  return take;
};

const form = document.querySelector("form[data-scan]");
const input = form && form.querySelector("[data-scan-input]");
const lead = form && leading(form, input);
const take = waiting ? confirming(waiting) : lead;
if (take) {
  listen(take, input);
  window.simulateScan = take;
}
