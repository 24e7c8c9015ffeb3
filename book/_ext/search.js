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
const ASKING = /^(how|why|what|which|when|where|whose|who|is|are|does|do|did|can|could|may|must|should|will|i)\b|\bvs\b|\bdifference between\b|\?\s*$/i;
// Words that stand in every second question, and say nothing of what it is about.
const SMALL = new Set("a add after an and are as at be between by calculate can change could difference do does error errors for from get has have how i if in instead into is it its many me more much my need needs no not of on one only or other same so take takes than that the their there this through to use used vs was we what when where which who why will with you your".split(" "));

// What readers type, and what the headings say.
const MEANT = {
  atrous: "dilated", backprop: "gradients", backpropagation: "gradients", batchnorm: "batch norm", batchnorm1d: "batch norm", batchnorm2d: "batch norm", bgr: "blue green red", bn: "batch norm", cnn: "network", conv: "convolution", conv2d: "convolution", convs: "convolution", convtranspose2d: "transposed convolution", deconv: "transposed convolution", deconvolution: "transposed convolution",
  faster: "fast", gaussian: "blur", gpu: "cuda", gray: "grey", grayscale: "grey", greyscale: "grey", image: "picture", images: "pictures", init: "initialize", initialise: "initialize", initialization: "initialize", maxpool: "max pooling", multiplications: "macs", multiply: "macs",
  normalisation: "norm", normalization: "norm", params: "parameters", pointwise: "1x1", slower: "slow", tf: "tensorflow", unet: "u net", upsample: "upsampling", vgg16: "vgg 16", visualise: "look", visualize: "look",
};

const stem = new Stemmer();
const DEFINING = /^what('s| is| are) (an? |the )?[\w-]+( [\w-]+){0,2}\W*$/i;
const ERROR = /\berrors?\b/i;
const TROUBLE = /\b(error|fails?|mismatch|wrong|expected|got|invalid|must|cannot|not supported)\b/i;

// Small letters, cut at whatever is no letter, digit or underscore, each word without its ending.
function split(text) {
  return text.toLowerCase().split(/[^\p{Letter}\p{Number}_]+/u).filter(Boolean);
}

function stems(text) {
  const words = split(text).filter((word) => !SMALL.has(word)).flatMap((word) => split(MEANT[word] ?? word));
  return new Set(words.map((word) => stem.stemWord(word)));
}

// "pixel shuffle" is what a heading may call PixelShuffle.
function joined(query) {
  const words = split(query);
  return words.map((word, at) => (common.has(stem.stemWord(word + words[at + 1])) ? word + words.splice(at + 1, 1) : word)).filter(Boolean).join(" ");
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
    return { title, parts: parts.map(stems), items: items.map(stems), doc: docnames[file], place: id === null ? docnames[file] : `${docnames[file]}#${id}`, name, anchor: id === null ? "" : `#${id}`, filename: filenames[file] };
  }));
  for (const { parts } of headings) for (const word of parts[0]) common.set(word, (common.get(word) ?? 0) + 1);
  return headings;
}

// The parts of pages in whose text a word stands, under its own name or another (search_sections.py).
const standsIn = new Map();
function partsWith(word) {
  if (!standsIn.has(word)) {
    const names = Object.keys(MEANT).filter((name) => split(MEANT[name]).some((one) => stem.stemWord(one) === word)).map((name) => stem.stemWord(name));
    const found = [word, ...names].flatMap((name) => {
      let at = 0;
      return (Object.hasOwn(SECTIONS.gaps, name) ? SECTIONS.gaps[name] : []).map((gap) => SECTIONS.parts[(at += gap)]);
    });
    standsIn.set(word, new Set(found));
  }
  return standsIn.get(word);
}

// The share of what was asked that stands in the text of a part. A word that no text has is left out.
function told({ place }, asked) {
  const known = [...asked].filter((word) => partsWith(word).size);
  return known.length && (sum(known.filter((word) => partsWith(word).has(place))) / sum(known)) ** 2;
}

// A rare word tells more than one that many headings have, and a word that no heading has tells little.
function rarity(word) {
  return common.has(word) ? Math.log(1 + SECTIONS.parts.length / (partsWith(word).size || common.get(word))) : 1;
}

// So does a size or a number of the reader's, which differs from reader to reader.
function weight(word) {
  return /^\d+(x\d+)*$/.test(word) && word !== "1x1" ? rarity(word) / 4 : rarity(word);
}

function sum(words) {
  return [...words].reduce((total, word) => total + weight(word), 0);
}

// How well a heading, or its best part, answers: the share of the query that it has, and somewhat the share of it that was asked.
// An item between commas is one of several things that the heading speaks of, so it counts less.
function about({ doc, parts, items }, asked) {
  const much = (word) => (doc === MESSAGES && /^\d+$/.test(word) ? 0 : rarity(word));
  const match = (words) => {
    const shared = sum([...words].filter((word) => asked.has(word)));
    const more = [...words].filter((word) => !asked.has(word)).reduce((total, word) => total + much(word), 0);
    return shared && (shared / sum(asked)) * (0.75 + (0.25 * shared) / (shared + more));
  };
  return Math.max(...parts.map(match), ...items.map((words) => 0.8 * match(words)));
}

// Which kind of page the reader wants first.
function preferred(query, quoted, doc) {
  if (quoted) return doc === MESSAGES ? 1 : 0;
  if (ASKING.test(query) && !DEFINING.test(query)) return ANSWERS.test(doc) ? 0.07 : doc === MESSAGES ? -0.1 : 0;
  if (TROUBLE.test(query) && doc === MESSAGES) return 0.07;
  if (doc === MESSAGES || LISTS.test(doc)) return -0.1;
  return ANSWERS.test(doc) ? 0 : 0.2;
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
  const headings = allHeadings();
  const asked = stems(joined(query.replace(/given groups=1\b/i, ""))); // that stands in the message of every ordinary layer
  const line = plain(query);
  const found = headings.map((heading) => ({ heading, quoted: longest(heading.title, line), match: asked.size ? about(heading, asked) : 0 }));
  for (const one of found) { // a heading tells more than the text below it, and one that was asked word by word the most
    one.title = one.match;
    one.match = 0.75 * one.match + (one.match > 0.99 ? 0.1 : 0) + (line === plain(one.heading.title) ? 0.2 : 0) + 0.45 * told(one.heading, asked);
  }
  const quoted = found.some(({ heading, quoted }) => quoted && heading.doc === MESSAGES);
  kind = (doc, title = 1) => preferred(query, quoted, doc) * (title >= 0.35 ? 1 : title) + (ERROR.test(query) && doc === MESSAGES ? 0.35 : 0);
  near = found.filter(({ match }) => match > 0).map(({ heading }) => heading);
  const best = Math.max(...found.map(({ match }) => match));
  if (best < 0.35 && asked.size > 7) for (const one of found) one.match *= 0.36 / best; // a long question has many words that no heading has
  const answers = found
    .filter(({ quoted, match }) => quoted || match >= 0.35)
    .map(({ heading, quoted, match, title }) => [heading.doc, heading.name, heading.anchor, null, quoted && heading.doc === MESSAGES ? 40 + 20 * title + quoted : 20 * (match + kind(heading.doc, title)), heading.filename]);
  answers.sort(_orderResultsByScoreThenName);
  const isAnswer = ([doc, , anchor]) => answers.some((answer) => answer[0] === doc && answer[2] === anchor);
  const results = [...performSearch(query, words, ...rest).filter((result) => !isAnswer(result)), ...answers];
  return results.sort(_orderResultsByScoreThenName);
};

function longest(title, line) {
  const length = Math.max(...[title, ...title.split(/[:,]/)].map((part) => wordsWithin(line, plain(part.replace(/^ but/, "")))));
  return length < 3 ? 0 : length;
}

// Words in small letters, each with a space on both sides; numbers and sizes are left out.
function plain(text) {
  return ` ${split(text).filter((word) => !/^\d+(x\d+)*$/.test(word)).join(" ")} `;
}

function wordsWithin(line, part) {
  return line.includes(part) ? part.trim().split(" ").length : 0;
}
