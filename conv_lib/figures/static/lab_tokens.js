// Python text as tokens: { type: "name" | "number" | "string" | "op" | "newline" | "indent" | "dedent" | "end", text, line }.
// In one pass. Inside brackets a line's end is no token, but the next token knows that it begins a line (`first`).
// Prompts before a line (>>>, ..., In [3]:) and the comments are left out.

const PART = /([ \f\u00a0]+)|(#.*)|([rbfuRBFU]{0,2}("""|'''|"|'))|((?:0[xX][\da-fA-F_]+|(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][+-]?\d+)?)[jJlL]?)|([A-Za-z_\u00c0-\uffff][\w\u00c0-\uffff]*)|(\*\*=|\/\/=|>>=|<<=|\.\.\.|\*\*|\/\/|->|:=|==|!=|<=|>=|\+=|-=|\*=|\/=|%=|\|=|&=|@=|<<|>>|[-+*/%@&|^~<>()[\]{},:.;=!])|(\\ *$)|[^]/y;
const OPENS = new Set(["class", "def", "return", "import", "from", "with", "while"]);
const PROMPT = /^(?:\s*(?:>{1,3} ?|\.\.\. |In \[\d*\]: ?))/;

export function tokens(text) {
  const list = [];
  const indents = [0];
  const open = [];
  let quoted = null;
  const lines = text.replace(/\r\n?/g, "\n").replace(/\t/g, "    ").split("\n");
  lines.forEach((raw, index) => {
    const line = index + 1;
    const prompt = PROMPT.exec(raw);
    const source = prompt ? raw.slice(prompt[0].length) : raw;
    let at = 0;
    let first = true;
    if (quoted) {
      const end = source.indexOf(quoted.mark);
      if (end < 0) return;
      at = end + 3;
      list.push({ type: "string", text: "", line: quoted.line, first: quoted.first });
      quoted = null;
      first = false;
    } else if (!open.length) {
      const width = /^ */.exec(source)[0].length;
      if (/^ *(#|$)/.test(source)) return;
      if (width > indents.at(-1)) {
        indents.push(width);
        list.push({ type: "indent", text: "", line });
      }
      while (width < indents.at(-1)) {
        indents.pop();
        list.push({ type: "dedent", text: "", line });
      }
    }
    let joined = false;
    while (at < source.length) {
      PART.lastIndex = at;
      const [text, space, comment, string, mark, number, name, op, joins] = PART.exec(source);
      if (space) { at += text.length; continue; }
      if (comment) break;
      if (joins) { joined = true; break; }
      if (string) {
        const start = at + text.length;
        let end = source.indexOf(mark, start);
        while (mark.length === 1 && end > 0 && source[end - 1] === "\\") end = source.indexOf(mark, end + 1);
        if (end < 0 && mark.length === 3) { quoted = { mark, line, first }; break; }
        if (end < 0) end = source.length;
        list.push({ type: "string", text: source.slice(start, end), format: /f/i.test(string), line, first });
        at = end + mark.length;
      } else {
        list.push({ type: number ? "number" : name ? "name" : op ? "op" : "odd", text, line, first });
        at += text.length;
        if (op && "([{".includes(text)) open.push(list.at(-1));
        if (op && ")]}".includes(text)) open.pop();
        // A statement that only stands at a line's start: the brackets before it were never closed.
        if (first && name && open.length && OPENS.has(text) && /^ *\w+[ (]/.test(source)) {
          list.splice(-1, 0, ...open.slice(0, 200).map(() => ({ type: "unclosed", text: ")", line: open[0].line })), { type: "newline", text: "", line });
          open.length = 0;
        }
      }
      first = false;
    }
    if (!open.length && !joined && !quoted && list.length && list.at(-1).type !== "newline") list.push({ type: "newline", text: "", line });
  });
  const line = lines.length;
  for (let i = open.length; i > 0; i -= 1) list.push({ type: "unclosed", text: ")", line: open[0].line });
  list.push({ type: "newline", text: "", line }, ...indents.slice(1).map(() => ({ type: "dedent", text: "", line })), { type: "end", text: "", line });
  return list;
}
