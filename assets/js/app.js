// What every page gains from script. Nothing depends on it: each act is a link or a form without it.

const all = (selector, root = document) => Array.from(root.querySelectorAll(selector));

// The error summary takes focus; its links bring the field's label into view and put the cursor in the field.
const summary = document.querySelector("[data-error-summary]");
if (summary) {
  summary.focus();
  summary.addEventListener("click", (event) => {
    const link = event.target.closest('a[href^="#"]');
    const field = link && document.getElementById(link.hash.slice(1));
    if (!field) return;
    event.preventDefault();
    (field.closest(".govuk-form-group") || field).scrollIntoView();
    field.focus({ preventScroll: true });
  });
}

// A form with a [data-once] button is sent once, until the page is shown again (back button) or ten seconds have passed.
const release = (form) => {
  delete form.dataset.sent;
  all("[data-once]", form).forEach((button) => button.removeAttribute("aria-disabled"));
};
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || !form.querySelector("[data-once]")) return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "1";
  all("[data-once]", form).forEach((button) => button.setAttribute("aria-disabled", "true"));
  setTimeout(() => release(form), 10000);
});
window.addEventListener("pageshow", () => all("form[data-sent]").forEach(release));

// Text size and colours change on the spot, so that nothing typed is lost; another language asks first.
const preferences = document.getElementById("preferences");
const look = (name, value) => {
  const root = document.documentElement;
  root.dataset[name] = value;
  all(`.rd-choice__button[name="${name}"]`).forEach((one) => one.setAttribute("aria-pressed", String(one.value === value)));
  all("[data-care]").forEach((one) => {
    one.hidden = (one.dataset.care === "on") === (root.dataset.size === "100");
  });
};
const changed = (field) =>
  field.form && field.form.method === "post" && field.type !== "hidden" &&
  (field.options
    ? Array.from(field.options).some((one) => one.selected !== one.defaultSelected) && field.selectedIndex > 0
    : field.value !== field.defaultValue || field.checked !== field.defaultChecked);
const hasTyped = () => Boolean(summary) || all("main input, main textarea, main select").some(changed);

// Choices are saved one after the other, so that the last one lasts; "changed" is said once it is saved.
const save = (body) =>
  fetch(preferences.action, { method: "POST", body, redirect: "manual", credentials: "same-origin", keepalive: true });
let saved = Promise.resolve();

all("button", document).filter((button) => preferences && button.form === preferences).forEach((button) => {
  button.addEventListener("click", (event) => {
    if (button.name === "lang") {
      if (hasTyped() && !window.confirm(button.dataset.ask)) event.preventDefault();
      return;
    }
    event.preventDefault();
    look(button.name, button.value);
    const other = button.hidden && preferences.querySelector("[data-care]:not([hidden])");
    if (other) other.focus();
    const body = new FormData(preferences);
    body.append(button.name, button.value);
    saved = saved.then(() => save(body)).then((answer) => {
      if (answer.type !== "opaqueredirect") return;
      const status = preferences.querySelector("[data-changed]");
      status.textContent = status.dataset.changed + button.textContent.trim();
    }).catch(() => {});
  });
});

// Passwords can be shown.
all("[data-password]").forEach((box) => {
  const input = box.querySelector("input");
  const button = box.querySelector("button");
  const show = (on) => {
    input.type = on ? "text" : "password";
    button.textContent = on ? button.dataset.hide : button.dataset.show;
  };
  button.hidden = false;
  button.addEventListener("click", () => show(input.type === "password"));
  if (input.form) input.form.addEventListener("submit", () => show(false));
});

// The button to print is hidden until script can serve it.
all("[data-print]").forEach((button) => {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
});

// "?" opens the list of shortcuts where a page has one. A scanner may type "?" too: so only when it stands alone.
const keys = document.querySelector("dialog[data-keys]");
if (keys && keys.showModal) {
  let last = -Infinity;
  let timer = 0;
  document.addEventListener("keydown", (event) => {
    if (event.key === "Shift") return;
    const quiet = event.timeStamp - last > 150;
    last = event.timeStamp;
    clearTimeout(timer);
    const inEmptyBox = event.target.matches("[data-scan-input]") && !event.target.value;
    if (event.key !== "?" || !quiet || (!inEmptyBox && event.target.closest("input, textarea, select, dialog"))) return;
    event.preventDefault();
    timer = setTimeout(() => keys.showModal(), 150);
  });
}
