// A kernel that learns, the twin of LearningFigure: the same start, the same steps, the same losses. No document.

import { conv2d, plan, PRESETS, range } from "./core.js";
import { weightGradient, weightTerms } from "./core_back.js";

const MOST_LOSS = 1e12;

export function startOf(seed) {
  let number = seed + 1;
  return range(3).map(() => range(3).map(() => (number = (75 * number + 74) % 65537) % 7 - 3));
}

const hiddenOf = (hidden) => Array.isArray(hidden) ? hidden : PRESETS[hidden](3, 3);
const layerOf = (x, kernel) => plan({ x: [x], weight: [[kernel]] });

// Where `steps` steps lead: { hidden, target, kernel, output, error, losses, before: kernel and error one step earlier, diverged }.
export function learn({ x, hidden, seed, rate, steps }) {
  const target = conv2d(layerOf(x, hiddenOf(hidden)))[0];
  const losses = [];
  let kernel = startOf(seed);
  let before = null;
  for (let step = 0; ; step += 1) {
    const output = conv2d(layerOf(x, kernel))[0];
    const error = output.map((row, i) => row.map((value, j) => value - target[i][j]));
    losses.push(error.flat().reduce((sum, value) => sum + value * value, 0) / 2);
    const diverged = losses.at(-1) > MOST_LOSS;
    if (step === steps || diverged) return { hidden: hiddenOf(hidden), target, kernel, output, error, losses, before, diverged };
    const gradient = weightGradient(layerOf(x, kernel), [error])[0][0];
    before = { kernel, error, gradient };
    kernel = kernel.map((row, u) => row.map((value, v) => value - rate * gradient[u][v]));
  }
}

// The terms of weight (u, v)'s gradient, when the outputs differ from the target by `error`.
export function gradientTerms(x, kernel, error, u, v) {
  return weightTerms(layerOf(x, kernel), [error], 0, 0, u, v);
}
