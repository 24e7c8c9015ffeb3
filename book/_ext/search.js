// The book's search, made to understand an error message as it is pasted: with the reader's own numbers and names in it.
// Sphinx puts this behind its own script and before the index (html_search_scorer in _config.yml).

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

// Where scores are equal, a heading comes before the pages, and first of these the one with most of the headings about the query.
let places = [];
Scorer.score = ([doc, , anchor, , score]) => {
  const here = places.filter(([file]) => Search._index.docnames[file] === doc);
  return score + (anchor ? 1 : here.length && here.length / places.length);
};

// A heading, or a part of one, whose words stand in the query one after another answers it; the longest answers best.
const performSearch = Search._performSearch;
Search._performSearch = (query, words, ...rest) => {
  const { alltitles, docnames, filenames, titles } = Search._index;
  const asked = plain(query);
  const answers = [];
  const isAbout = (title) => [...words].some((word) => plain(title).includes(` ${word}`));
  places = Object.keys(alltitles).filter(isAbout).flatMap((title) => alltitles[title]);
  for (const [title, places] of Object.entries(alltitles)) {
    const length = Math.max(...[title, ...title.split(/[:,]/)].map((part) => wordsWithin(asked, plain(part))));
    if (length < 3) continue;
    for (const [file, id] of places) {
      const name = titles[file] === title ? title : `${titles[file]} > ${title}`;
      answers.push([docnames[file], name, id === null ? "" : `#${id}`, null, Scorer.title + length, filenames[file]]);
    }
  }
  answers.sort(_orderResultsByScoreThenName);
  const isAnswer = ([doc, , anchor]) => answers.some((answer) => answer[0] === doc && answer[2] === anchor);
  return [...performSearch(query, words, ...rest).filter((result) => !isAnswer(result)), ...answers];
};

// Words in small letters, each with a space on both sides; numbers and sizes, which differ from reader to reader, are left out.
function plain(text) {
  const words = text.toLowerCase().split(/[^\p{Letter}\p{Number}_]+/u);
  return ` ${words.filter((word) => word && !/^\d+(x\d+)*$/.test(word)).join(" ")} `;
}

function wordsWithin(asked, part) {
  return asked.includes(part) ? part.trim().split(" ").length : 0;
}
