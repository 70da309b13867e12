// Plays a morph: α from 0 to 1.

const SECONDS = 3;
const FEW = 5; // steps for users who prefer reduced motion

/**
 * Return a player.
 * @param button says "Stop" while the player plays
 * @param step called with α, for each frame of the screen
 * @param ended called when α has reached 1 or the player was stopped
 */
export function createPlayer(button, step, ended) {
  const text = button.textContent;
  let request = 0;

  function stop() {
    if (!request) return;
    cancelAnimationFrame(request);
    request = 0;
    button.textContent = text;
    ended();
  }

  function play() {
    stop();
    const steps = matchMedia("(prefers-reduced-motion: reduce)").matches ? FEW : null;
    let begin = null;
    button.textContent = "Stop";
    const advance = (now) => {
      begin ??= now;
      const alpha = Math.min((now - begin) / (1000 * SECONDS), 1);
      step(steps ? Math.floor(alpha * steps) / steps : alpha);
      if (alpha === 1) stop();
      else request = requestAnimationFrame(advance);
    };
    request = requestAnimationFrame(advance);
  }

  return { play, stop, playing: () => request !== 0 };
}
