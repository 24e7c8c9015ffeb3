// A report as text: what stands in each cell of the table, and the whole as Markdown or as plain lines.

import { fieldText, unreadText } from "./lab_notes.js";
import { grouped } from "./lab_numbers.js";

export const COLUMNS = ["layer", "output", "parameters", "MACs", "unread", "field", "note"];

export function cells(row, report) {
  const marked = (text, basis) => basis === "assumed" && text !== "?" && text !== "" ? `~ ${text}` : text;
  const idle = !["run", "fails"].includes(row.state);
  const shape = row.output ? `(${row.output.map((size) => size === null ? "None" : size).join(", ")})` : idle ? row.state : row.state === "fails" ? "does not fit" : "?";
  const macs = row.macs === null ? (idle && !/Conv|Linear|Dense/.test(row.kind) ? "" : row.state === "never called" ? "0" : "?") : row.output || row.basis === "read" ? grouped(row.macs) : "";
  return {
    output: marked(shape, row.output && row.basis), parameters: row.parameters === null ? "?" : grouped(row.parameters), MACs: marked(macs, row.macsBasis ?? row.basis),
    unread: unreadText(row.unread), field: marked(fieldText(row.field, report.picture), row.basis), note: row.notes.join("; "),
  };
}

export function totals(report) {
  const more = (count, text) => count ? `at least ${text}` : text;
  return {
    parameters: more(report.unknownParameters, grouped(report.parameters ?? 0)),
    MACs: report.failure || report.lostAt || report.stopped ? `${grouped(report.macs ?? 0)} so far` : report.unknownMacs ? (Number(report.macs) ? more(true, grouped(report.macs)) : "?") : `${report.rows.some((row) => (row.macsBasis ?? row.basis) === "assumed") ? "~ " : ""}${grouped(report.macs ?? 0)}`,
    unread: report.lost ? unreadText(report.lost) || "none" : "",
  };
}

function lines(report) {
  return report.rows.map((row) => {
    const found = cells(row, report);
    return [`${row.name} (${row.kind})`, ...COLUMNS.slice(1).map((column) => found[column])];
  });
}

function total(report) {
  const sum = report.totals;
  return ["total", "", sum.parameters, sum.MACs, sum.unread, "", ""];
}

// What is said below the table.
export function remarks({ remarks: found, sentence, reading, lost, totals: { unread } }) {
  return [
    ...found.filter(({ text }) => text !== sentence).map(({ line, text }) => line ? `Line ${line}: ${text}` : text),
    ...(reading.length ? [`A reading, since print(model) does not show the order: ${reading.join("; ")}.`] : []),
    ...(lost && Object.keys(lost).length ? [`No output reads ${unread} of your picture.`] : []),
  ];
}

function told(report) {
  const { failure, message } = report;
  return [
    ...(failure ? [`${failure.name}: ${failure.type}: ${failure.message}`, `Cause: ${failure.cause}.`, ...failure.cures.map((cure) => `Cure: ${cure}.`)] : []),
    ...(message && report.kind !== "message" ? [message.cause, message.cure] : []),
    ...remarks(report),
  ].filter(Boolean);
}

export function asMarkdown(report) {
  const row = (list) => `| ${list.map((cell) => String(cell).replaceAll("|", "\\|").replaceAll("\n", " ")).join(" | ")} |`;
  const table = report.rows.length ? [row(COLUMNS), row(["---", "---", "---:", "---:", "---", "---", "---"]), ...lines(report).map(row), row(total(report)), ""] : [];
  return [report.sentence, "", ...table, ...told(report).map((text) => `- ${text}`)].join("\n").trimEnd();
}

export function asText(report) {
  const all = [COLUMNS, ...lines(report), total(report)].map((list) => list.map(String));
  const widths = COLUMNS.map((_, i) => Math.min(60, Math.max(...all.map((list) => list[i].length))));
  const line = (list) => list.map((cell, i) => i === 2 || i === 3 ? cell.padStart(widths[i]) : cell.padEnd(widths[i])).join("  ").trimEnd();
  return [report.sentence, "", ...(report.rows.length ? [...all.map(line), ""] : []), ...told(report)].join("\n").trimEnd();
}
