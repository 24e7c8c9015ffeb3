// What one number of a map sees of the picture, along one axis.
//
// A field holds, for the outputs 0 to period − 1, the input positions they read, as sorted runs [first, last]; output i + period reads
// the same ones, moved by `advance`. Without upsampling the period is 1, and `advance` is the jump. WHOLE is all of the axis, whatever
// its size. Padding does not cut a field: it is that of an output far from the edge. Null: too large to tell.
//
// A map says how the outputs of one layer read its input along an axis: { period, advance, runs(output), size, outputs, from(position) }.
// Each run is [first, count, step]; `from` leads a position outside the input to the one it is copied from, or to -1.

import { divisor } from "./messages.js";

const MOST = 4096;

const WHOLE = { whole: true };
export const START = { period: 1, advance: 1, sets: [[[0, 0]]] };

export function through(field, map) {
  if (!field || field.whole || map.whole) return field && WHOLE;
  const times = field.period / divisor(field.period, map.advance);
  if (times * map.period > MOST) return null;
  const sets = [];
  let work = 0;
  for (let output = 0; output < times * map.period; output += 1) {
    const found = [];
    for (const [first, count, step] of map.runs(output)) {
      const only = field.sets[0];
      // Windows that follow without a gap make one run, however many they are.
      if (field.period === 1 && only.length === 1 && field.advance * step <= only[0][1] - only[0][0] + 1) {
        found.push([only[0][0] + first * field.advance, only[0][1] + (first + (count - 1) * step) * field.advance]);
        continue;
      }
      for (let tap = 0; tap < count; tap += 1) {
        const at = first + tap * step;
        const turn = Math.floor(at / field.period);
        for (const [low, high] of field.sets[at - turn * field.period]) found.push([low + turn * field.advance, high + turn * field.advance]);
        work += field.sets[at - turn * field.period].length;
        if (work > 16 * MOST) return null;
      }
    }
    const merged = united(found);
    if (merged.length > MOST) return null;
    sets.push(merged);
  }
  return settled({ period: times * map.period, advance: times * map.advance / field.period * field.advance, sets });
}

// What is read through either of several branches.
export function together(fields) {
  if (fields.includes(null)) return null;
  if (fields.some((field) => field.whole)) return WHOLE;
  const period = fields.reduce((all, field) => all * field.period / divisor(all, field.period), 1);
  if (period > MOST) return null;
  const [first] = fields;
  if (fields.some((field) => field.advance * first.period !== first.advance * field.period)) return null; // branches of two paces
  const sets = [];
  for (let output = 0; output < period; output += 1) {
    sets.push(united(fields.flatMap((field) => {
      const move = Math.floor(output / field.period) * field.advance;
      return field.sets[output % field.period].map(([low, high]) => [low + move, high + move]);
    })));
  }
  return settled({ period, advance: first.advance * period / first.period, sets });
}

// { size, jump: [over, under], read }: the largest over all outputs. Null for WHOLE, and for what reads nothing.
export function measured(field) {
  if (!field || field.whole) return null;
  const sizes = field.sets.map((runs) => runs.length ? runs.at(-1)[1] - runs[0][0] + 1 : 0);
  const reads = field.sets.map((runs) => runs.reduce((all, [low, high]) => all + high - low + 1, 0));
  const shared = divisor(field.advance, field.period);
  return { size: Math.max(...sizes), jump: [field.advance / shared, field.period / shared], read: Math.max(...reads) };
}

// The input positions, as marks, that the marked outputs read.
export function reached(map, used) {
  const marks = new Uint8Array(map.size);
  for (let output = 0; output < map.outputs; output += 1) {
    if (!used[output]) continue;
    for (const [first, count, step] of map.runs(output)) {
      for (let tap = 0, at = first; tap < count; tap += 1, at += step) {
        const source = at >= 0 && at < map.size ? at : map.from ? map.from(at) : -1;
        if (source >= 0) marks[source] = 1;
      }
    }
  }
  return marks;
}

// The shortest period that says the same: a field behind an upsampling often forgets it.
function settled(field) {
  for (let period = 1; period < field.period; period += 1) {
    if (field.period % period || field.advance * period % field.period) continue;
    const advance = field.advance * period / field.period;
    const same = field.sets.every((runs, output) => {
      const [base, turn] = [field.sets[output % period], Math.floor(output / period) * advance];
      return runs.length === base.length && runs.every(([low, high], i) => low === base[i][0] + turn && high === base[i][1] + turn);
    });
    if (same) return { period, advance, sets: field.sets.slice(0, period) };
  }
  return field;
}

function united(runs) {
  if (runs.length < 2) return runs;
  runs.sort((a, b) => a[0] - b[0]);
  const all = [runs[0].slice()];
  for (const [low, high] of runs) {
    const last = all.at(-1);
    if (low > last[1] + 1) all.push([low, high]);
    else if (high > last[1]) last[1] = high;
  }
  return all;
}
