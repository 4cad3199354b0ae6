// The camera: opened by a button, shown in the page, read by the browser's own detector where it really reads QR codes,
// else by zxing in scan-camera.js.

const EVERY_MS = 120;
const AGAIN_MS = 2000;
const WIDEST = 800;
const OPEN = "rental.camera";
const SEEN = "rental.seen";

const remember = (key, value) => {
  try {
    if (value === null) sessionStorage.removeItem(key);
    else sessionStorage.setItem(key, value);
  } catch (_) {
    // Storage may be switched off: then the camera is opened by hand each time.
  }
};
const recall = (key) => {
  try {
    return sessionStorage.getItem(key);
  } catch (_) {
    return null;
  }
};

const load = (url) =>
  new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = url;
    script.onload = resolve;
    script.onerror = () => reject(new Error(url));
    document.head.append(script);
  });

// A function from a video frame to the text in it, or "".
const reader = async (form) => {
  if ("BarcodeDetector" in window) {
    const formats = await window.BarcodeDetector.getSupportedFormats().catch(() => []);
    if (formats.includes("qr_code")) {
      const detector = new window.BarcodeDetector({ formats: ["qr_code"] });
      return async (video) => {
        const found = await detector.detect(video);
        return found.length ? found[0].rawValue : "";
      };
    }
  }
  if (!window.rentalScanCamera) await load(form.dataset.cameraUrl);
  const read = await window.rentalScanCamera(form.dataset.wasmUrl);
  const canvas = document.createElement("canvas");
  const context = canvas.getContext("2d", { willReadFrequently: true });
  return (video) => {
    const scale = Math.min(1, WIDEST / video.videoWidth);
    canvas.width = video.videoWidth * scale;
    canvas.height = video.videoHeight * scale;
    context.drawImage(video, 0, 0, canvas.width, canvas.height);
    return read(context.getImageData(0, 0, canvas.width, canvas.height));
  };
};

const reasons = {
  NotAllowedError: "denied",
  SecurityError: "denied",
  NotFoundError: "none",
  OverconstrainedError: "none",
  NotReadableError: "busy",
  AbortError: "busy",
};

// The same code counts again only after it was out of sight for two seconds, also across pages.
const isRepeat = (text) => {
  const [before, at] = (recall(SEEN) || "\n0").split("\n");
  remember(SEEN, `${text}\n${Date.now()}`);
  return before === text && Date.now() - Number(at) < AGAIN_MS;
};

export const camera = (form, { take, say }) => {
  const part = (name) => form.querySelector(`[data-scan-${name}]`);
  const open = part("camera");
  const panel = part("panel");
  const video = part("video");
  const torch = part("torch");
  const stop = part("stop");
  if (!open || !panel || !video) return;

  let stream = null;
  let wanted = false;

  const close = () => {
    wanted = false;
    if (stream) stream.getTracks().forEach((track) => track.stop());
    stream = null;
    video.srcObject = null;
    panel.hidden = true;
    open.hidden = false;
    if (torch) torch.hidden = true;
  };

  const watch = async (read) => {
    while (wanted) {
      if (video.readyState >= 2 && video.videoWidth) {
        const text = await Promise.resolve(read(video)).catch(() => "");
        if (wanted && text && !isRepeat(text)) take(text);
      }
      await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
    }
  };

  const start = async () => {
    if (!navigator.mediaDevices || !navigator.mediaDevices.getUserMedia) {
      say(window.isSecureContext ? "unsupported" : "insecure", "refused");
      return;
    }
    say("starting");
    wanted = true;
    open.hidden = true;
    panel.hidden = false;
    try {
      stream = await navigator.mediaDevices.getUserMedia({
        audio: false,
        video: { facingMode: { ideal: "environment" }, width: { ideal: 1280 }, height: { ideal: 720 } },
      });
      if (!wanted) {
        close();
        return;
      }
      video.srcObject = stream;
      await video.play();
    } catch (error) {
      close();
      remember(OPEN, null);
      say(reasons[error.name] || "unsupported", "refused");
      return;
    }
    remember(OPEN, "1");
    const [track] = stream.getVideoTracks();
    track.addEventListener("ended", close);
    if (torch && track.getCapabilities && track.getCapabilities().torch) {
      torch.hidden = false;
      torch.onclick = () => {
        const on = torch.getAttribute("aria-pressed") !== "true";
        track.applyConstraints({ advanced: [{ torch: on }] }).then(
          () => torch.setAttribute("aria-pressed", String(on)),
          () => {},
        );
      };
    }
    let read;
    try {
      read = await reader(form);
    } catch (_) {
      close();
      remember(OPEN, null);
      say("unsupported", "refused");
      return;
    }
    if (!wanted) return;
    say("ready");
    watch(read);
  };

  open.hidden = false;
  open.addEventListener("click", start);
  if (stop) {
    stop.addEventListener("click", () => {
      close();
      remember(OPEN, null);
      say("");
      open.focus();
    });
  }
  window.addEventListener("pagehide", close);
  // Whoever scans one thing after another opens the camera once; work on one unit isn't to be left by a stray glance.
  if (recall(OPEN) && !form.dataset.scanShown) start();
};
