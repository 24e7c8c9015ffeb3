// The book's search. It finds headings, not only pages; a message as it is pasted leads to its part of "I have this error",
// a question to its answer, and the words of an idea to the lesson that teaches it.
// Sphinx puts this behind its own script and before the index (html_search_scorer in _config.yml).

// Search shows a piece of each page it found. A page on disk may not fetch others: there it shows their titles.
if (location.protocol === "file:") DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = false;

// Sphinx lists the pages that hold every word. A word that no page holds, such as "2x9216", is left out.
const parseQuery = Search._parseQuery;
Search._parseQuery = (query) => {
  const [text, words, ...rest] = parseQuery(query);
  return [text, new Set([...words].filter(isSomewhere)), ...rest];
};

function isSomewhere(word) {
  const { terms, titleterms } = Search._index;
  if (Object.hasOwn(terms, word) || Object.hasOwn(titleterms, word)) return true;
  return word.length > 2 && [terms, titleterms].some((index) => Object.keys(index).some((term) => term.includes(word)));
}

const MESSAGES = "book/errors";
const ANSWERS = /^book\/(questions-|porting)/;
const LISTS = /^book\/(api|references|take-along|intro|summary|uneven)/;
const ASKING = /^(how|why|what|which|when|where|whose|who|is|are|does|do|did|can|could|may|must|should|will|i)\b|\bvs\b|\?\s*$/i;
// Words that stand in every second question, and say nothing of what it is about.
const SMALL = new Set("a add an and are as at be between by can could difference do does for from get has have how i if in instead into is it its many me more much my need needs no not of on one only or other same so take takes than that the their there this to use used vs was we what when where which who why will with you your".split(" "));

// What readers type, and what the headings say.
const MEANT = {
  atrous: "dilated", conv: "convolution", conv2d: "convolution", convs: "convolution", convtranspose2d: "transposed convolution", deconv: "transposed convolution", deconvolution: "transposed convolution",
  faster: "fast", image: "picture", images: "pictures", initialise: "initialize", initialization: "initialize", maxpool: "max pooling",
  params: "parameters", slower: "slow", upsample: "upsampling", visualise: "look", visualize: "look",
};

const stem = new Stemmer();

// Small letters, cut at whatever is no letter, digit or underscore, each word without its ending.
function split(text) {
  return text.toLowerCase().split(/[^\p{Letter}\p{Number}_]+/u).filter(Boolean);
}

function stems(text) {
  const words = split(text).filter((word) => !SMALL.has(word)).flatMap((word) => split(MEANT[word] ?? word));
  return new Set(words.map((word) => stem.stemWord(word)));
}

// Every heading once, with its words, and in how many headings each word stands.
let headings = null;
const common = new Map();
function allHeadings() {
  if (headings) return headings;
  const { alltitles, docnames, filenames, titles } = Search._index;
  headings = Object.entries(alltitles).flatMap(([title, places]) => places.map(([file, id]) => {
    const name = titles[file] === title ? title : `${titles[file]} > ${title}`;
    const parts = id === null ? [title] : [title, ...title.split(/[:;]/)];
    const items = id === null ? [] : title.split(/[:,;]/).filter((item) => !parts.includes(item));
    return { title, parts: parts.map(stems), items: items.map(stems), doc: docnames[file], name, anchor: id === null ? "" : `#${id}`, filename: filenames[file] };
  }));
  for (const { parts } of headings) for (const word of parts[0]) common.set(word, (common.get(word) ?? 0) + 1);
  return headings;
}

// A rare word tells more than one that many headings have. A size or a number, which differs from reader to reader, tells little,
// and so does a word that no heading has.
function weight(word) {
  const rare = common.has(word) ? Math.log(1 + headings.length / common.get(word)) : 1;
  return /^\d+(x\d+)*$/.test(word) ? rare / 4 : rare;
}

function sum(words) {
  return [...words].reduce((total, word) => total + weight(word), 0);
}

// How well a heading, or its best part, answers: the share of the query that it has, and somewhat the share of it that was asked.
// An item between commas is one of several things that the heading speaks of, so it counts less.
function about({ parts, items }, asked) {
  const match = (words) => {
    const shared = sum([...words].filter((word) => asked.has(word)));
    return shared && (shared / sum(asked)) * (0.75 + (0.25 * shared) / sum(words));
  };
  return Math.max(...parts.map(match), ...items.map((words) => 0.8 * match(words)));
}

// Which kind of page the reader wants first.
function preferred(query, quoted, doc) {
  if (quoted) return doc === MESSAGES ? 1 : 0;
  if (ASKING.test(query)) return ANSWERS.test(doc) ? 0.07 : 0;
  if (doc === MESSAGES || LISTS.test(doc)) return -0.1;
  return ANSWERS.test(doc) ? 0 : 0.15;
}

// A page as a whole comes behind the headings that answer; of such pages first the one with most of the headings about the query.
let kind = () => 0;
let near = [];
Scorer.score = ([doc, , anchor, , score]) => {
  if (anchor) return score;
  return Math.min(score, 6) + kind(doc) + near.filter((heading) => heading.doc === doc).length / (near.length + 1);
};

// A heading, or a part of one, whose words stand in the query one after another was quoted; the longest answers best.
const performSearch = Search._performSearch;
Search._performSearch = (query, words, ...rest) => {
  const asked = stems(query);
  const line = plain(query);
  const found = allHeadings().map((heading) => ({ heading, quoted: longest(heading.title, line), match: asked.size ? about(heading, asked) : 0 }));
  const quoted = found.some(({ heading, quoted }) => quoted && heading.doc === MESSAGES);
  kind = (doc) => preferred(query, quoted, doc);
  near = found.filter(({ match }) => match > 0).map(({ heading }) => heading);
  const best = Math.max(...found.map(({ match }) => match));
  if (best < 0.35 && asked.size > 7) for (const one of found) one.match *= 0.35 / best; // a long question has many words that no heading has
  const answers = found
    .filter(({ quoted, match }) => quoted || match >= 0.35)
    .map(({ heading, quoted, match }) => [heading.doc, heading.name, heading.anchor, null, 20 * (match + kind(heading.doc)) + (quoted ? 20 + quoted : 0), heading.filename]);
  answers.sort(_orderResultsByScoreThenName);
  const isAnswer = ([doc, , anchor]) => answers.some((answer) => answer[0] === doc && answer[2] === anchor);
  const results = [...performSearch(query, words, ...rest).filter((result) => !isAnswer(result)), ...answers];
  return results.sort(_orderResultsByScoreThenName);
};

function longest(title, line) {
  const length = Math.max(...[title, ...title.split(/[:,]/)].map((part) => wordsWithin(line, plain(part))));
  return length < 3 ? 0 : length;
}

// Words in small letters, each with a space on both sides; numbers and sizes are left out.
function plain(text) {
  return ` ${split(text).filter((word) => !/^\d+(x\d+)*$/.test(word)).join(" ")} `;
}

function wordsWithin(line, part) {
  return line.includes(part) ? part.trim().split(" ").length : 0;
}
