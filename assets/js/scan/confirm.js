// A page that waits for its big button. The codes that it is about press the button; any other code hears that this one
// comes first. A trigger held too long scans twice: what follows the page at once is a repeat, not a yes.

import { codeOf } from "./code.js";
import { signal } from "./signals.js";

const TOO_SOON_MS = 1000;

// note: the empty live region in the form; its data-text-… attributes hold the sentences.
export const confirming = (note) => {
  const codes = note.dataset.scanConfirm.split(" ");
  const shown = performance.now();
  const say = (kind, tone) => {
    signal(tone);
    note.dataset.kind = tone;
    note.textContent = "";
    // The same sentence twice is read out twice only if it was gone in between.
    setTimeout(() => {
      note.textContent = note.getAttribute(`data-text-${kind}`);
      note.scrollIntoView({ block: "center" });
    }, 50);
  };
  return (raw) => {
    if (!codes.includes(codeOf(raw))) say("other", "refused");
    else if (performance.now() - shown < TOO_SOON_MS) say("soon", "again");
    else {
      signal("hit");
      note.closest("form").querySelector("[type=submit]").click();
    }
  };
};
