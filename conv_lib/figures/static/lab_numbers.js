// Whole numbers that stay exact: a product beyond 2^53 becomes a BigInt. Null stands for a number that nobody knows.

export function product(...factors) {
  if (factors.includes(null)) return null;
  const quick = factors.reduce((all, factor) => all * Number(factor), 1);
  if (Number.isSafeInteger(quick)) return quick;
  return factors.every((factor) => typeof factor === "bigint" || Number.isInteger(factor)) ? factors.reduce((all, factor) => all * BigInt(factor), 1n) : null;
}

// The sum of those that are known.
export function total(numbers) {
  const known = numbers.filter((number) => number !== null);
  const quick = known.reduce((all, number) => all + Number(number), 0);
  return Number.isSafeInteger(quick) ? quick : known.reduce((all, number) => all + BigInt(number), 0n);
}

// 1234567 as "1,234,567".
export function grouped(number) {
  return number.toLocaleString("en");
}

// Numbers in ascending order as a reader says them: "3", "3 and 4", "1, 3, 5, … 199 (100 of them)".
export function listed(numbers) {
  if (numbers.length > 2 && numbers.at(-1) - numbers[0] === numbers.length - 1) return `${numbers[0]} to ${numbers.at(-1)}`;
  if (numbers.length > 6) return `${numbers.slice(0, 3).join(", ")}, … ${numbers.at(-1)} (${grouped(numbers.length)} of them)`;
  return numbers.length > 1 ? `${numbers.slice(0, -1).join(", ")} and ${numbers.at(-1)}` : String(numbers[0]);
}

// 3136 as "64 · 7 · 7", when it is `channels` maps of a square; null when it is not.
export function asMaps(features, channels) {
  const side = Math.sqrt(features / channels);
  return Number.isInteger(side) ? `${channels} · ${side} · ${side}` : null;
}
