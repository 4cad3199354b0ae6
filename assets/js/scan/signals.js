// Each outcome has its own sound and its own vibration: hit (a code was read), ok, again (already done), refused.

const tones = {
  hit: [[1320, 0, 0.07]],
  ok: [[784, 0, 0.1], [1175, 0.11, 0.16]],
  again: [[587, 0, 0.09], [587, 0.16, 0.09]],
  refused: [[220, 0, 0.22, "square"], [165, 0.26, 0.34, "square"]],
};
const pulses = { hit: 50, ok: [70], again: [60, 80, 60], refused: [220, 90, 220] };

let context;

export const signal = (kind) => {
  const touched = !navigator.userActivation || navigator.userActivation.hasBeenActive;
  if (navigator.vibrate && touched) {
    try {
      navigator.vibrate(pulses[kind]);
    } catch (_) {
      // Switched off: the sound and the words remain.
    }
  }
  const Context = window.AudioContext || window.webkitAudioContext;
  if (!Context) return;
  try {
    context = context || new Context();
    const play = () => {
      if (context.state !== "running") return;
      tones[kind].forEach(([frequency, start, length, shape]) => {
        const from = context.currentTime + start;
        const oscillator = context.createOscillator();
        const gain = context.createGain();
        oscillator.type = shape || "sine";
        oscillator.frequency.value = frequency;
        gain.gain.setValueAtTime(shape ? 0.12 : 0.25, from);
        gain.gain.exponentialRampToValueAtTime(0.001, from + length);
        oscillator.connect(gain).connect(context.destination);
        oscillator.start(from);
        oscillator.stop(from + length);
      });
    };
    if (context.state === "running") play();
    else context.resume().then(play, () => {});
  } catch (_) {
    // No sound here: the words remain.
  }
};
