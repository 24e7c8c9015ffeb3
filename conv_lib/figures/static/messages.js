// Reads an error message of PyTorch, in today's or an older wording, or of Keras, as it was pasted: alone or in a traceback.
// What comes out is plain text with the reader's own numbers. Nothing here knows of a page; `anchor` names a part of "I have
// this error", and a test holds the two together.
//
// However long the text is, each message is looked for by its fixed words, once, and numbers are read from a short stretch
// behind them: no expression runs over the whole text in more than linear time.

const MOST = 200_000; // characters that are read: half from the front, half from the end
const STRETCH = 900; // characters of a message

// readMessage(text) gives null when there is nothing to read, { known: false, query } when no message of the table is in it, and
// else { known: true, anchor, title, message, cause, cure, notes }: strings, and `notes` a list of them.
export function readMessage(text) {
  const cut = text.length > MOST;
  const raw = cut ? `${text.slice(0, MOST / 2)}\n${text.slice(-MOST / 2)}` : text;
  const plain = raw.replace(/\s+/g, " ").replace(/[\u2018\u2019\u00b4]/g, "'").replace(/[\u201c\u201d]/g, '"').trim();
  if (!plain) return null;
  const found = last(lowered(plain));
  const notes = cut ? [`The text is long: its first and last ${MOST / 2} characters were read.`] : [];
  if (!found) return { known: false, query: wanted(raw), notes };
  const { entry, at } = found;
  const stretch = plain.slice(at, at + STRETCH);
  const told = entry.tell(stretch, lowered(stretch));
  const call = calledIn(raw);
  if (call) notes.push(`The traceback shows the call: ${call}`);
  return { known: true, anchor: entry.anchor, title: entry.title, message: sentence(plain, at), ...told, notes: [...(told.notes ?? []), ...notes] };
}

// The message that stands last in the text, since a traceback ends in its own; of two at one place, the one listed first.
function last(text) {
  let best = null;
  for (const entry of MESSAGES) {
    for (const [first, ...others] of entry.words) {
      const at = text.lastIndexOf(first);
      if (at < 0 || (best && at <= best.at)) continue;
      const stretch = text.slice(at, at + STRETCH);
      if (others.every((words) => stretch.includes(words))) best = { entry, at };
    }
  }
  return best;
}

// In small letters, each at its place: toLowerCase makes two characters of a few in other languages.
function lowered(text) {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

// What to search for where no message is known: the last line that names an error, or else the last line.
function wanted(raw) {
  const lines = raw.split("\n").map((line) => line.trim()).filter(Boolean);
  const error = lines.filter((line) => /^[\w.]{0,60}(Error|Exception|Warning)\b/.test(line)).pop() ?? lines.pop();
  return error.slice(0, 200);
}

// The last line of code that a traceback shows, if it calls a layer or a function.
function calledIn(raw) {
  const lines = raw.split("\n");
  for (let i = lines.length - 2; i >= 0; i--) {
    if (!/^\s*File "/.test(lines[i])) continue;
    const code = lines[i + 1].trim().slice(0, 160);
    if (!/\w\(.*\)/.test(code)) continue;
    return code.replace(/^[\w.]{1,40}\s*=\s*/, "").replace(/^return\s+/, "");
  }
  return null;
}

// The message from the name of its error on; an old one names a file of PyTorch at its end.
function sentence(plain, at) {
  const before = plain.slice(Math.max(0, at - 120), at);
  const named = before.lastIndexOf("Error: ");
  const text = (named < 0 ? "" : before.slice(named + "Error: ".length)) + plain.slice(at, at + 300);
  const end = text.search(/ at \//);
  return end < 0 ? text : text.slice(0, end);
}

// Whole numbers of a text, in order.
function ints(text) {
  return (text.match(/-?\d{1,15}/g) ?? []).map(Number);
}

// The first list in brackets behind a word: "expected input[1, 32, 3, 784] to have" gives [1, 32, 3, 784].
function listAfter(text, word) {
  const from = text.indexOf(word);
  if (from < 0) return [];
  const behind = text.slice(from + word.length, from + word.length + 200);
  const inside = /^[^[(]{0,40}[[(]+([^\])]{0,150})/.exec(behind);
  return inside ? ints(inside[1]) : [];
}

function shape(sizes) {
  return `(${sizes.join(", ")}${sizes.length === 1 ? "," : ""})`;
}

function root(n) {
  const side = Math.round(Math.sqrt(n));
  return n > 0 && side * side === n ? side : null;
}

export function divisor(a, b) {
  while (b) [a, b] = [b, a % b];
  return a;
}

// The two factors of n nearest to each other, the larger first; null when they are far from a square, or n is too large.
function nearSquare(n) {
  if (!(n > 0) || n > 1e9) return null;
  let small = Math.floor(Math.sqrt(n));
  while (n % small) small--;
  return n / small <= 3 * small ? [n / small, small] : null;
}

// How two numbers of features may come from maps: those numbers of maps that divide both and leave a square for the second.
function asMaps(arrives, wanted) {
  const shared = divisor(arrives, wanted);
  if (!(shared > 0) || shared > 1e6) return [];
  const readings = [];
  for (let maps = shared; maps >= 1 && readings.length < 3; maps--) {
    if (shared % maps || !root(wanted / maps)) continue;
    const pair = root(arrives / maps) ? [root(arrives / maps), root(arrives / maps)] : nearSquare(arrives / maps);
    if (pair) readings.push({ maps, pair, side: root(wanted / maps), square: pair[0] === pair[1] });
  }
  return readings.some((reading) => reading.square) ? readings.filter((reading) => reading.square) : readings.slice(0, 1);
}

const PIXELS = [["length"], ["height", "width"], ["depth", "height", "width"]];
const AXES = ["the batch", "the channels", "the height", "the width"];

function channels(stretch) {
  const [groups] = ints(stretch);
  const weight = listAfter(stretch, "weight");
  const input = listAfter(stretch, "input");
  const [want, got] = ints(stretch.slice(stretch.toLowerCase().indexOf(" to have ")));
  const notes = [];
  const told = (anchor, cause, cure) => ({ anchor, cause, cure, notes });
  if (!Number.isInteger(want) || !Number.isInteger(got)) return told(groups > 1 ? "error-groups-weight" : "error-channels", "The channels of the input are not those that the layer takes.", "Make in_channels the number of channels that arrive.");
  if (groups > 1) {
    if (weight[1] === got && got % groups === 0) notes.push(`If the weight is your own (F.conv2d), it is at fault: its axis 1 counts the channels of one group, ${got} / ${groups} = ${got / groups}. Its shape is then ${shape([weight[0], got / groups, ...weight.slice(2)])}.`);
    return told("error-groups-weight", `With groups=${groups} the weight takes ${weight[1] ?? want / groups} * ${groups} = ${want} channels, and the input has ${got}.`, `For a layer: in_channels=${got}, or an input of ${want} channels.`);
  }
  const plain = `The layer takes ${want} channel${want === 1 ? "" : "s"}, and axis 1 of the input is ${got}.`;
  if (input.length === 4 && input[3] === want && input[1] !== input[3]) {
    notes.push(`${got} is a height: the axes are (batch, height, width, channels).`);
    return told("error-channels-last", `${plain} The channels stand last: ${shape(input)}.`, `x.permute(0, 3, 1, 2), of shape ${shape([input[0], input[3], input[1], input[2]])}.`);
  }
  if (input.length === 4 && input[0] === 1 && input[2] === want) {
    const side = root(input[3]);
    notes.push(`${got} is the batch, not channels; the leading 1 was added by torch (unbatched input of shape ${shape(input.slice(1))}).`);
    if (side) notes.push(`${input[3]} = ${side} * ${side}, and ${want} * ${input[3]} * ${got} numbers: the rows of each picture were run together.`);
    return told("error-channel-axis", `${plain} Three axes were read as one picture (channels, height, width).`, side ? `x.reshape(${got}, ${want}, ${side}, ${side})` : `x.reshape(${got}, ${want}, height, width)`);
  }
  if (input.length === 4 && input[0] === 1 && want === 1 && got > 4) {
    notes.push(`Or it is one picture with ${got} channels: then in_channels=${got}.`);
    return told("error-channel-axis", `${got} pictures of ${input[2]}x${input[3]} have no channel axis, so they were read as one picture of ${got} channels.`, `x.unsqueeze(1), of shape ${shape([got, 1, input[2], input[3]])}.`);
  }
  const step = divisor(want, got);
  if (step >= 8 && want !== got && want / step <= 16 && got / step <= 16) {
    notes.push(`${want} = ${want / step} * ${step}, ${got} = ${got / step} * ${step}${got < want ? ": where maps are concatenated, a branch may be missing" : ""}.`);
  }
  if (/^given groups/i.test(stretch) && weight[0] === got && weight[1] === want && want !== got) notes.push(`The order is in, out, kernel size: nn.Conv2d(${got}, ${want}, ...) may have been meant.`);
  let cure = `Build the layer with in_channels=${got}, or feed it ${want} channel${want === 1 ? "" : "s"}.`;
  if (got === 1 && want === 3) cure = "A grey picture: nn.Conv2d(1, ...), or x.expand(-1, 3, -1, -1).";
  else if (got === 4 && want === 3) cure = "The fourth channel is alpha: x[:, :3], or image.convert('RGB').";
  else if (got === 3 && want === 1) cure = "A colour picture: image.convert('L'), or nn.Conv2d(3, ...).";
  else if (got === 1) cure = `An earlier layer was skipped: feed it the map of ${want} channels. Or build it with in_channels=1.`;
  return told("error-channels", plain, cure);
}

function axes(stretch) {
  const brackets = stretch.match(/[[(]\d[\d, ]{0,80}[\])]/g) ?? [];
  const sizes = brackets.length ? ints(brackets[brackets.length - 1]) : [];
  const notes = [];
  const told = (cause, cure) => ({ cause, cure, notes });
  if (!sizes.length) return told("The input has another number of axes than (batch, channels, height, width).", "Bring the missing axes in with unsqueeze, or undo a flatten with reshape.");
  const weight = /([345])-?d(?:imensional)? (?:input|weight)/i.exec(stretch);
  const n = Number(/[a-z_]([123])d\b/i.exec(stretch)?.[1] ?? (weight ? weight[1] - 2 : 2));
  const what = /pool/i.test(stretch) ? `${n}-D pooling` : `${n}-D convolution`;
  const cause = `The input has ${sizes.length} ${sizes.length === 1 ? "axis" : "axes"}, ${shape(sizes)}; a ${what} takes ${n + 2}, (batch, channels, ${PIXELS[n - 1].join(", ")}), or ${n + 1} without the batch.`;
  if (n !== 2) {
    if (sizes.length === n + 3) return told(cause, `A layer with an axis more, or two axes in one: x.flatten(0, 1), of shape ${shape([sizes[0] * sizes[1], ...sizes.slice(2)])}.`);
    return told(cause, `Bring it to (batch, channels, ${PIXELS[n - 1].join(", ")}) with unsqueeze, flatten or reshape.`);
  }
  if (sizes.length === 2) {
    const [rows, columns] = sizes;
    const side = root(columns);
    const colour = columns % 3 === 0 && root(columns / 3);
    if (side && side > 3 && rows !== columns) {
      notes.push(`${columns} = ${side} * ${side}: each picture is one line of numbers.`);
      return told(cause, `x.reshape(${rows}, 1, ${side}, ${side})`);
    }
    if (colour) {
      notes.push(`${columns} = 3 * ${colour} * ${colour}: each picture is one line of numbers.`);
      return told(cause, `x.reshape(${rows}, 3, ${colour}, ${colour})`);
    }
    if (Math.max(rows, columns) <= 2 * Math.min(rows, columns)) return told(cause, `One grey picture: x[None, None], of shape ${shape([1, 1, rows, columns])}.`);
    return told(cause, `For ${rows} rows of ${columns} features nn.Linear is the layer; x[:, :, None, None] makes maps of 1x1.`);
  }
  if (sizes.length === 3) return told(cause, `A batch of grey pictures: x.unsqueeze(1), of shape ${shape([sizes[0], 1, ...sizes.slice(1)])}. One picture: x.unsqueeze(0).`);
  if (sizes.length === 5) return told(cause, `A video: x.flatten(0, 1), of shape ${shape([sizes[0] * sizes[1], ...sizes.slice(2)])}, or nn.Conv3d.`);
  return told(cause, "Bring the missing axes in with unsqueeze, or undo a flatten with reshape.");
}

function kernelSize(stretch) {
  const [sizes, spans] = [...stretch.matchAll(/\((\d[\dx ]{0,80})\)/g)].map((found) => ints(found[1]));
  const n = sizes?.length;
  if (!PIXELS[n - 1] || spans?.length !== n) return { cause: "The window is larger than the picture with its padding.", cure: "Padding, a larger picture, a smaller kernel or dilation." };
  const short = PIXELS[n - 1].filter((_, i) => spans[i] > sizes[i]);
  const fault = short.length === n && n > 1 ? `${n > 2 ? "all" : "both"} axes are` : `only ${short.map((name) => `the ${name}`).join(" and ")} ${short.length > 1 ? "are" : "is"}`;
  const missing = Math.max(...spans.map((span, i) => span - sizes[i]));
  const notes = [];
  const at = spans.findLastIndex((span, i) => span > sizes[i]);
  const [span, size] = [spans[at], sizes[at]];
  const dilations = [3, 5, 7].filter((k) => k < span && (span - 1) % (k - 1) === 0).map((k) => `${k} with dilation ${(span - 1) / (k - 1)}`);
  if (dilations.length) notes.push(`${span} is what the kernel spans: ${span}, or ${dilations.join(", or ")}.`);
  return {
    cause: `The window spans ${spans.join("x")} and the padded input has ${sizes.join("x")}: ${fault} at fault.`,
    cure: `${Math.ceil(missing / 2)} more padding on each side, a picture larger by ${missing} there, or a smaller kernel or dilation. ${size === 1 ? "The map has shrunk to 1: take out a pooling or a stride before it." : ""}`.trim(),
    notes,
  };
}

function mat1(stretch) {
  const [rows, arrives, wanted, outputs] = ints(stretch.replace(/m[12]:|mat[12]/gi, ""));
  if (outputs === undefined) return { cause: "Linear gets another number of features than it was built for.", cure: "Make in_features the number that arrives." };
  const notes = [];
  const told = (cure) => ({ cause: `Linear takes ${wanted} features, and ${arrives} arrive, in ${rows} row${rows === 1 ? "" : "s"}.`, cure, notes });
  const number = `nn.Linear(${arrives}, ${outputs})`;
  const side = root(arrives);
  if (rows > 1 && rows * arrives === wanted) {
    if (side) notes.push(`${arrives} = ${side} * ${side}`);
    notes.push(`${wanted} = ${rows} * ${arrives}`);
    notes.push(`Two readings. The convolution was not called before the flatten: its ${rows} maps are the ${wanted}. Or one picture has no batch axis and its ${rows} maps were taken for a batch: x.unsqueeze(0).`);
    return told(`Call the convolution before the flatten, or give the batch axis. If ${arrives} is right: ${number}.`);
  }
  if (arrives < wanted && (rows * arrives) % wanted === 0) {
    notes.push(`${rows} * ${arrives} = ${(rows * arrives) / wanted} * ${wanted}: nothing was flattened, only the last axis was taken for features.`);
    return told("x.flatten(1) before the linear layer.");
  }
  if (arrives % wanted === 0) {
    const times = arrives / wanted;
    const map = root(times);
    notes.push(`${arrives} = ${wanted} * ${times}${map && map > 1 ? ` = ${wanted} * ${map} * ${map}: the pooling left ${map}x${map} positions where 1x1 was expected` : ""}.`);
    if (rows === 1) notes.push(`Or flatten() without the 1 has run ${times} pictures into one row.`);
    return told(`nn.AdaptiveAvgPool2d(1) before the flatten, for pictures of any size; or ${number}. ${rows === 1 ? "For a batch: x.flatten(1)." : ""}`.trim());
  }
  for (const { maps, pair, side: planned } of asMaps(arrives, wanted)) notes.push(`${arrives} = ${maps} * ${pair[0]} * ${pair[1]}, ${wanted} = ${maps} * ${planned} * ${planned}: ${maps} map${maps === 1 ? "" : "s"} of ${pair[0]}x${pair[1]}, planned for ${planned}x${planned}.`);
  return told(`${number}, the size of picture that the layer was built for, padding that keeps the size, or nn.AdaptiveAvgPool2d before the flatten.`);
}

// Two sizes of one axis that should be equal.
function unequal(a, b, notes) {
  const [small, large] = a < b ? [a, b] : [b, a];
  if (large - small === 1) {
    if (large % 2) notes.push(`${large} // 2 = ${small / 2} and 2 * ${small / 2} = ${small}: the odd row was lost on the way down.`);
    else notes.push(`${small} is odd: halved it is ${large / 2}, rounded up, and 2 * ${large / 2} = ${large}. In a picture of ${small * 16}, ${small * 16} / 16 = ${small} is odd.`);
    return true;
  }
  return false;
}

function sum(stretch) {
  const [a, b, dimension] = ints(stretch.replace(/^.*?tensor a/i, ""));
  if (dimension === undefined) return { cause: "Two maps of different shapes are added.", cure: "Make both branches keep the size and the channels." };
  const notes = [];
  if (AXES[dimension]) notes.push(`Of (batch, channels, height, width), dimension ${dimension} is ${AXES[dimension]}.`);
  const cause = `Two maps are added: one has ${a}, the other ${b} in dimension ${dimension}.`;
  if (dimension === 1) return { cause, cure: `A 1x1 convolution in the shortcut, nn.Conv2d(${b}, ${a}, 1) or nn.Conv2d(${a}, ${b}, 1), with the stride of the block.`, notes };
  const [small, large] = a < b ? [a, b] : [b, a];
  if (large - small === 1) {
    notes.push(`${a} and ${b} are both halves of ${small + large}: one branch rounds up (a 3x3 with padding 1), the other down (a 2x2 pooling).`);
    return { cause, cure: "ceil_mode=True in the pooling of the shortcut, or a 1x1 convolution with stride 2 in its place.", notes };
  }
  if (large === 2 * small || large === 2 * small - 1) return { cause, cure: "One branch has stride 2, the other has not: nn.Conv2d(in, out, 1, stride=2) in the shortcut.", notes };
  if ((large - small) % 2 === 0 && large - small <= 24) return { cause, cure: `Padding that keeps the size: ${(large - small) / 2} more on each side of the layers in between (padding=1 for each 3x3).`, notes };
  return { cause, cure: "Make both branches keep the size: padding, and one stride for both.", notes };
}

function cat(stretch, lower) {
  const notes = [];
  const old = lower.includes("got ") && !lower.includes("expected size");
  const behind = lower.slice(lower.indexOf(old ? "got " : "expected size"));
  const [a, b] = ints(behind);
  if (b === undefined) return { cause: "Maps of different sizes are joined.", cure: "Bring one to the size of the other, F.interpolate(x, size=skip.shape[2:])." };
  unequal(a, b, notes);
  if (old && lower.includes("offending index")) notes.push(`The number of the dimension in this old wording is not to be relied on; ${a} and ${b} are.`);
  return {
    cause: `Maps of ${a} and of ${b} are joined along the channels; all other sizes must be equal.`,
    cure: `${Math.abs(a - b) > 1 ? "Padding that keeps the size in the layers in between (padding=1 for each 3x3), or the larger map cropped" : "A picture whose sides are multiples of 32, by padding or resizing"}; or F.interpolate(x, size=skip.shape[2:]) before the cat.`,
    notes,
  };
}

function tooSmall(stretch) {
  const [given, made] = stretch.split(/calculated output size/i).map((part) => ints(part));
  const perChannel = /size per channel/i.test(stretch);
  if (!made || made.length < 2 && !perChannel) return { cause: "Nothing is left to pool.", cure: "Fewer poolings, larger pictures, or AdaptiveAvgPool2d." };
  if (perChannel) {
    return { cause: `padding cuts more off the map than a transposed layer makes: the output would be ${made.join("x")}.`, cure: "Less padding: it is cut off each side of the output." };
  }
  const n = given.length - 1;
  const [sizes, outputs] = [given, made.slice(0, n + 1)].map((list) => list.slice(1));
  return {
    cause: `The window does not fit into a map of ${sizes.join("x")}: the output would be ${outputs.join("x")}.`,
    cure: `F.adaptive_avg_pool${n}d(x, 1), which takes any size; fewer poolings; or a larger picture.`,
    notes: outputs.every((size) => size < 1) || !PIXELS[n - 1] ? [] : [`${PIXELS[n - 1].map((name, i) => `${name} ${sizes[i]} ${outputs[i] > 0 ? "fits" : "does not"}`).join(", ")}.`],
  };
}

function inputType(stretch) {
  const [first, second] = (stretch.match(/type \(?(?:torch\.)?[\w.:]+(?: char| int)?/gi) ?? []).map((part) => part.replace(/^type \(?/i, ""));
  const named = /scalar type (\w+) but (?:found|got scalar type) (\w+)/i.exec(stretch);
  const [input, layer] = named ? [named[1], named[2]] : [first, second];
  const devices = /cuda/i.test(input ?? "") !== /cuda/i.test(layer ?? "");
  if (devices || /same device/i.test(stretch)) return { cause: "Input and layer are on two devices.", cure: "layer.to(x.device), or x.to(next(model.parameters()).device)." };
  return {
    cause: input && layer ? `The input and the layer differ in type: ${input} and ${layer}.` : "The input and the layer differ in type.",
    cure: /char|byte|uint8/i.test(input ?? "") ? "The picture is in bytes: x.float() / 255." : "x.float(); in general x.to(layer.weight.dtype).",
  };
}

function checkpoint(stretch) {
  const name = /size mismatch for ([\w.]{1,120})/i.exec(stretch)?.[1];
  const saved = listAfter(stretch, "param with shape");
  const built = listAfter(stretch, "current model is");
  const notes = [];
  if (saved.length === built.length && saved.length === 4) {
    const meaning = ["out_channels, mostly the number of classes", "in_channels / groups", "the height of the kernel", "the width of the kernel"];
    saved.forEach((size, i) => size !== built[i] && notes.push(`Place ${i}, ${size} against ${built[i]}: ${meaning[i]}.`));
  } else if (saved.length === 2 && built.length === 4) notes.push("The checkpoint is of a linear layer: weight[:, :, None, None].");
  return {
    cause: saved.length && built.length ? `${name ?? "A weight"} was saved as ${shape(saved)}, and the model has ${shape(built)}.` : "A weight of the checkpoint has another shape than that of the model.",
    cure: "Build the layer as it was saved, or fit the weight.",
    notes,
  };
}

function keys(stretch) {
  const module = stretch.includes('"module.');
  return {
    cause: module ? 'The names begin with "module.": the checkpoint, or the model, is one of DataParallel.' : "The checkpoint and the model hold parameters of different names: missing ones are in the model only, unexpected ones in the checkpoint only.",
    cure: module ? 'Take it off: {k.removeprefix("module."): v for k, v in state.items()}.' : /"[\w.]*bias"/.test(stretch) ? "Build the layer with the bias of the checkpoint: bias=True or bias=False." : "Build the model as it was saved.",
  };
}

function keras(stretch, lower) {
  const received = listAfter(stretch, "received:").length ? listAfter(stretch, "received:") : listAfter(stretch, "shape=");
  const [expected, found] = ints(lower.slice(lower.indexOf("ndim")).replace(/full shape.*/, ""));
  const notes = [];
  if (found === 3 && received.length === 3) {
    notes.push(`${received[0]} is the batch, ${received[1]}x${received[2]} the picture; Keras puts the channels last.`);
    return { cause: "A batch of grey pictures without the channel axis.", cure: `x[..., None]: ${shape([...received, 1])}`, notes };
  }
  if (found === 5) {
    notes.push("5 = batch + the four sizes given.");
    return { cause: "input_shape is one picture, without the batch; a 1 in front of it adds an axis.", cure: "Give input_shape three sizes: (height, width, channels), or (channels, height, width) with data_format='channels_first'.", notes };
  }
  return { cause: Number.isInteger(found) ? `The layer takes ${expected} axes and gets ${found}.` : "The input has another number of axes than the layer takes.", cure: "(batch, height, width, channels) in Keras: x[None] adds the batch, x[..., None] the channel.", notes };
}

function kerasChannels(stretch, lower) {
  const value = ints(lower.slice(lower.indexOf("to have value")))[0] ?? ints(lower.slice(lower.indexOf("filter depth")))[1];
  const got = lower.includes("received input with shape") ? listAfter(lower, "received input with shape").pop() : ints(lower.slice(lower.indexOf("filter depth")))[0];
  return { cause: Number.isInteger(value) && Number.isInteger(got) ? `The layer was built for ${value} channels and gets ${got}; Keras has them last.` : "The layer was built for another number of channels.", cure: "Make the last axis of the input the channels that the layer was built with." };
}

function kerasSize(stretch, lower) {
  const [kernel, size] = ints(lower.slice(lower.indexOf("subtracting")));
  const known = lower.includes("subtracting") && Number.isInteger(size);
  return { cause: known ? `A kernel of ${kernel} meets a map of ${size}: the layers before have made it too small.` : "The window is larger than the map that is left.", cure: "padding='same' in the layers before, a larger picture, or fewer poolings." };
}

const say = (cause, cure) => () => ({ cause, cure });

// In each entry: the part of "I have this error" and its name; `words`, each a list of fixed words in small letters that stand in
// the message in this order, the first of them at its beginning; and what to tell of it.
export const MESSAGES = [
  { anchor: "error-weight-groups", title: "Fewer filters than groups", words: [["given groups=", "expected weight to be"]], tell: (stretch) => {
    const [groups] = ints(stretch);
    const [filters] = listAfter(stretch, "weight of size");
    return { cause: `Every one of the ${groups} groups needs filters of its own, as many as the others; the weight has ${filters ?? "another number"}.`, cure: filters === 1 ? `weight.repeat(${groups}, 1, 1, 1)` : `${groups} filters, or a multiple of it.` };
  } },
  { anchor: "error-channels", title: "The channels do not match", words: [["given groups=", " to have ", "channels"], ["given transposed=", " to have ", "channels"]], tell: channels },
  { anchor: "error-channels", title: "The channels do not match (Keras)", words: [["input shape to have value"], ["input depth must be evenly divisible by filter depth"], ["the number of input channels must be evenly divisible"]], tell: kerasChannels },
  { anchor: "error-groups-in", title: "groups must divide the channels", words: [["in_channels must be divisible by groups"], ["must divide `in_channels`"]], tell: say("Every group takes in_channels / groups channels, and that is not whole.", "A common divisor of in_channels and out_channels.") },
  { anchor: "error-groups-out", title: "groups must divide the outputs too", words: [["out_channels must be divisible by groups"], ["must divide `out_channels`"]], tell: say("Every group makes out_channels / groups maps, and that is not whole.", "A common divisor of in_channels and out_channels; or a depthwise layer and a 1x1 behind it.") },
  { anchor: "error-groups-positive", title: "groups below 1", words: [["groups must be a positive integer"], ["groups <= 0"]], tell: say("groups is 0 or less, mostly from a division that was rounded down.", "max(1, channels // 16); no split at all is groups=1.") },
  { anchor: "error-running-mean", title: "Batch norm for another number of channels", words: [["running_mean should contain"], ["running_var should contain"]], tell: (stretch) => {
    const [arrive, built] = ints(stretch);
    if (built === undefined) return { cause: "The norm was built for another number of channels than the map has.", cure: "nn.BatchNorm2d of the channels that arrive." };
    return { cause: `The map has ${arrive} channels, and the norm was built for ${built}.`, cure: `nn.BatchNorm2d(${arrive})`, notes: [`${arrive} is what arrives, ${built} what the layer was built for.`] };
  } },
  { anchor: "error-running-mean", title: "A norm for another number of channels", words: [["to match num_features ("], ["expected weight to be a vector of size equal"]], tell: (stretch) => {
    const [built, arrive] = /features/.test(stretch) ? ints(stretch.slice(stretch.indexOf("features ("))) : [listAfter(stretch, "weight of shape")[0], listAfter(stretch, "input of shape")[1]];
    if (arrive === undefined) return { cause: "The norm was built for another number of channels than the map has.", cure: "As many channels as arrive." };
    return { cause: `The map has ${arrive} channels, and the norm was built for ${built}.`, cure: `${/features/.test(stretch) ? "num_features" : "num_channels"}=${arrive}` };
  } },
  { anchor: "error-running-mean", title: "A layer norm for other sizes", words: [["given normalized_shape="]], tell: (stretch) => {
    const wanted = listAfter(stretch, "normalized_shape");
    const sizes = listAfter(stretch, "input of size").slice(-wanted.length);
    return sizes.length ? { cause: `The norm takes the last sizes ${shape(wanted)}, and ${shape(sizes)} arrive.`, cure: `normalized_shape=${shape(sizes)}` } : { cause: "The norm takes other last sizes than arrive.", cure: "normalized_shape as the last sizes of the input." };
  } },
  { anchor: "error-groups-in", title: "num_groups must divide the channels", words: [["num_channels (", "must be divisible by num_groups"], ["expected number of channels in input to be divisible by num_groups"]], tell: (stretch) => {
    const [groups] = ints(stretch.slice(stretch.lastIndexOf("num_groups")));
    const channels = /of shape/.test(stretch) ? listAfter(stretch, "of shape")[1] : ints(stretch)[0];
    return channels && groups ? { cause: `${groups} groups do not divide ${channels} channels.`, cure: `num_groups=${divisor(groups * groups, channels)}` } : { cause: "The groups of the norm do not divide the channels.", cure: "num_groups that divides them." };
  } },
  { anchor: "error-mat1", title: "A recurrent layer for another number of features", words: [["must be equal to input_size"]], tell: (stretch) => {
    const [wanted, arrive] = ints(stretch.slice(stretch.search(/expected/i)));
    return arrive === undefined ? { cause: "A step has another number of features than the layer was built for.", cure: "input_size as many as arrive." } : { cause: `The layer takes ${wanted} features a step, and ${arrive} arrive.`, cure: `input_size=${arrive}` };
  } },
  { anchor: "error-axes", title: "Too few or too many axes", words: [["(batched) input to"], ["dimensional input for", "dimensional weight"], ["expected 4d input (got"], ["expected 3d input (got"], ["(batch mode) tensor expected for input"], ["it must be 4-d"], ["a 2-d convolution takes 4"]], tell: axes },
  { anchor: "error-axes", title: "A picture of another shape (Keras)", words: [["is incompatible with the layer", "found shape="]], tell: (stretch) => {
    const [wanted, arrives] = ["expected shape=", "found shape="].map((word) => listAfter(stretch.replaceAll("None", "0"), word));
    const told = (sizes) => shape(sizes.map((size) => size || "None"));
    const grey = wanted.at(-1) === 1 && arrives.length === wanted.length - 1;
    return { cause: `The model takes ${told(wanted)}, and ${told(arrives)} arrives.`, cure: grey ? "x[..., None]: grey pictures without their channel axis." : "Bring x to that shape, the batch first and the channels last; or build the model with this input_shape." };
  } },
  { anchor: "error-axes", title: "Too few or too many axes (Keras)", words: [["is incompatible with the layer", "ndim"], ["is incompatible with layer", "ndim"]], tell: keras },
  { anchor: "error-kernel-size", title: "The kernel does not fit into the input", words: [["calculated padded input size per channel", "kernel size"], ["calculated input size", "kernel size"], ["the kernel does not fit along"]], tell: kernelSize },
  { anchor: "error-kernel-size", title: "The kernel does not fit into the map (Keras)", words: [["negative dimension size caused by subtracting"], ["computed output size would be zero or negative"], ["computed output size would be negative"]], tell: kerasSize },
  { anchor: "error-mat1", title: "The linear layer expects another number of features", words: [["mat1 and mat2 shapes cannot be multiplied"], ["size mismatch, m1:"]], tell: mat1 },
  { anchor: "error-size-of-tensor", title: "A sum of maps of two sizes", words: [["the size of tensor a"]], tell: sum },
  { anchor: "error-size-of-tensor", title: "A sum of maps of two sizes (Keras)", words: [["inputs have incompatible shapes"], ["operands could not be broadcast together"]], tell: say("Two maps of different shapes are added.", "Make both branches keep the size and the channels; padding='same', and one stride for both.") },
  { anchor: "error-cat", title: "Maps of two sizes are joined", words: [["sizes of tensors must match except in dimension"]], tell: cat },
  { anchor: "error-cat", title: "Maps of two sizes are joined (Keras)", words: [["requires inputs with matching shapes except for the concat"]], tell: say("All sizes but the one along which the maps are joined must be equal.", "A picture whose sides are multiples of 32, or padding='same' throughout.") },
  { anchor: "error-too-small", title: "Nothing is left to pool", words: [["given input size", "calculated output size"]], tell: tooSmall },
  { anchor: "error-one-value", title: "Batch norm on one number a channel", words: [["expected more than 1 value per channel when training"]], tell: (stretch) => {
    const sizes = listAfter(stretch, "input size");
    return { cause: `Batch norm in training takes mean and variance over batch, height and width, here one number a channel${sizes.length ? `: ${shape(sizes)}` : ""}.`, cure: "model.eval() to predict; to train, a batch of at least 2 (drop_last=True), or no norm behind the global pooling." };
  } },
  { anchor: "error-same-stride", title: "'same' with a stride", words: [["padding='same' is not supported for strided convolutions"], ["padding='same' needs stride 1"]], tell: say("'same' keeps the size, and a stride does not.", "A number: (kernel_size - 1) // 2 for an odd kernel gives ceil(n / stride).") },
  { anchor: "error-reflect", title: "Reflect padding as large as the map", words: [["padding size should be less than the corresponding input dimension"]], tell: (stretch) => {
    const [pad] = listAfter(stretch, "got: padding");
    const sizes = listAfter(stretch, "of input");
    const dimension = ints(stretch.slice(stretch.indexOf("at dimension")))[0];
    const size = sizes[dimension];
    return { cause: size ? `A mirror without the edge pixel takes at most size - 1 = ${size - 1} values of ${size}, and ${pad ?? "more"} are wanted${sizes.length === 4 ? `; dimension ${dimension} is ${AXES[dimension]}` : ""}.` : "A mirror without the edge pixel takes at most size - 1 values.", cure: size ? `padding of at most ${size - 1}, or padding_mode='replicate'.` : "Less padding, or padding_mode='replicate'." };
  } },
  { anchor: "error-circular", title: "Circular padding larger than the map", words: [["padding value causes wrapping around more than once"]], tell: say("Circular padding goes once round the map and no further.", "padding of at most the size of the map.") },
  { anchor: "error-negative-padding", title: "Negative padding", words: [["negative padding is not supported"]], tell: say("padding is below 0, mostly from a formula.", "0 or more; to cut pixels off, slice, or F.pad with negative numbers.") },
  { anchor: "error-stride", title: "Stride 0", words: [["non-positive stride is not supported"], ["stride should be greater than zero"], ["stride should not be zero"]], tell: say("stride is 0 or less: the window would never move.", "stride=1 reads every window; to enlarge a map, nn.Upsample or nn.ConvTranspose2d.") },
  { anchor: "error-dilation", title: "Dilation 0", words: [["dilation should be greater than zero"]], tell: say("dilation is the distance from tap to tap, not the number of gaps.", "dilation=1 for an ordinary kernel.") },
  { anchor: "error-kernel-zero", title: "Kernel size 0", words: [["kernel size should be greater than zero"]], tell: say("A kernel without pixels, mostly from a division.", "max(1, size // 8).") },
  { anchor: "error-pair", title: "Too many numbers for two axes", words: [["to be a single integer value or a list of"], ["must be a tuple of 2 integers"]], tell: (stretch) => ({ cause: `One number for both axes, or two: (height, width)${ints(stretch.slice(stretch.lastIndexOf("but got"))).length > 2 ? `; here are ${ints(stretch.slice(stretch.lastIndexOf("but got"))).length}` : ""}.`, cure: "For four sides F.pad(x, (left, right, top, bottom)) before the layer." }) },
  { anchor: "error-padding-string", title: "A word that is no padding", words: [["invalid padding string"]], tell: say("padding as a word is 'same' or 'valid', in small letters.", "padding='same'.") },
  { anchor: "error-padding-mode", title: "A mode by another library's name", words: [["padding_mode must be one of"], ['only "zeros" padding mode is supported']], tell: say("The modes are 'zeros', 'reflect', 'replicate', 'circular'; a transposed layer has 'zeros' only.", "NumPy's constant, reflect, edge and wrap are zeros, reflect, replicate and circular.") },
  { anchor: "error-output-padding", title: "output_padding of a transposed convolution", words: [["output padding must be smaller than either stride or dilation"], ["negative output_padding is not supported"]], tell: say("output_padding chooses between the sizes that lead to one: it is 0 or more and less than stride or dilation.", "0 to stride - 1; or layer(x, output_size=...), which chooses for you.") },
  { anchor: "error-output-size", title: "An output_size that cannot be", words: [["requested an output size of"]], tell: say("The layer can make only the sizes of the given range.", "A size in the range that the message names.") },
  { anchor: "error-pool-padding", title: "A pooling with too much padding", words: [["pad should be at most half of"], ["pad should be smaller than"]], tell: say("A window could lie wholly on padding.", "padding of at most kernel_size // 2.") },
  { anchor: "error-input-type", title: "Input and layer differ in type, or in device", words: [["input type (", "should be the same"], ["expected all tensors to be on the same device"]], tell: inputType },
  { anchor: "error-scalar-type", title: "Input and weight differ in type", words: [["expected scalar type"], ["expected object of scalar type"], ["expected object of type"]], tell: inputType },
  { anchor: "error-bool", title: "No convolution for this type", words: [["not implemented for '"]], tell: (stretch) => ({ cause: `There is no such computation for ${/not implemented for '(\w{1,30})'/i.exec(stretch)?.[1] ?? "this type"} on this device.`, cure: "x.float(), and the weight too." }) },
  { anchor: "error-not-a-tensor", title: "No tensor, but an array or a list", words: [["conv2d() received an invalid combination of arguments"], ["conv2d(): argument 'input'"], ["max_pool2d(): argument 'input'"]], tell: (stretch) => {
    const what = /(?:got \(|must be tensor, not )([\w.]{1,40})/i.exec(stretch)?.[1];
    return { cause: what && !/^tensor$/i.test(what) ? `The input is a ${what}, not a tensor.` : "An argument is of the wrong kind; look for a float among the numbers.", cure: "torch.from_numpy(array).float(); a list of pictures of one size: torch.stack." };
  } },
  { anchor: "error-float", title: "A float where a whole number belongs", words: [["failed to unpack the object"], ["must be tuple of ints"], ["'float' object cannot be interpreted as an integer"], ["must be an integer, not float"]], tell: say("A number of channels, a kernel size or groups is a float: / makes one even where the result is whole.", "// in the place of /.") },
  { anchor: "error-kernel-size-missing", title: "One argument too few", words: [["required positional argument", "kernel_size"]], tell: say("in_channels, out_channels and kernel_size have no default, in this order; Keras' line lacks the first.", "nn.Conv2d(3, 16, 3).") },
  { anchor: "error-view", title: "view behind permute", words: [["view size is not compatible with input tensor's size and stride"]], tell: say("The numbers do not lie in memory in the order of the new shape, and view never copies.", "x.reshape(...) or x.flatten(1).") },
  { anchor: "error-batch-size", title: "A view of another number of features", words: [["shape '[", "is invalid for input of size"]], tell: (stretch) => {
    const wanted = listAfter(stretch, "shape '");
    const [all] = ints(stretch.slice(stretch.search(/input of size/i)));
    const each = wanted.filter((size) => size > 0).reduce((product, size) => product * size, 1);
    if (!all) return { cause: "The numbers do not fill the new shape.", cure: "x.flatten(1), which keeps the batch." };
    const cause = `The view asks for ${wanted.includes(-1) ? "a multiple of " : ""}${each} numbers, and there are ${all}.`;
    const notes = wanted.length === 2 && wanted[0] === -1 ? [`Of one picture, all ${all} are its features: then nn.Linear(${all}, ...).`] : [];
    return { cause, cure: "x.flatten(1), or x.view(x.shape[0], -1), which keep the batch; and in_features as many as then arrive.", notes };
  } },
  { anchor: "error-batch-size", title: "A view that changed the batch", words: [["expected input batch_size ("]], tell: (stretch) => {
    const [rows, labels] = ints(stretch);
    if (labels === undefined) return { cause: "The scores and the labels are of different batch sizes.", cure: "x.flatten(1), or x.view(x.shape[0], -1)." };
    const times = rows / labels;
    return { cause: `${rows} rows of scores meet ${labels} labels: view(-1, ...) has fixed the features and let the batch follow.`, cure: "x.flatten(1), or x.view(x.shape[0], -1).", notes: Number.isInteger(times) ? [`${rows} = ${times} * ${labels}: each picture was cut into ${times} rows.`] : [] };
  } },
  { anchor: "error-stack", title: "Pictures of different sizes in one batch", words: [["stack expects each tensor to be equal size"]], tell: say("A batch is one tensor with one height and width.", "Resize, crop or pad the pictures to one size.") },
  { anchor: "error-weight-dimensions", title: "A bare kernel", words: [["weight should have at least three dimensions"]], tell: say("A weight has four axes, (out_channels, in_channels / groups, height, width).", "kernel[None, None].") },
  { anchor: "error-bias", title: "A bias of the wrong size", words: [["given weight of size", "expected bias to be"]], tell: (stretch) => ({ cause: `One number for each of the ${listAfter(stretch, "weight of size")[0] ?? ""} filters, in one axis.`.replace("  ", " "), cure: `A bias of shape (${listAfter(stretch, "weight of size")[0] ?? "out_channels"},).` }) },
  { anchor: "error-checkpoint", title: "A checkpoint of another layer", words: [["size mismatch for", "copying a param with shape"]], tell: checkpoint },
  { anchor: "error-keys", title: "Names that differ from the checkpoint", words: [["missing key(s) in state_dict"], ["unexpected key(s) in state_dict"]], tell: keys },
  { anchor: "error-leaf", title: "Writing into a weight", words: [["a leaf variable that requires grad"], ["a view of a leaf variable that requires grad"], ["call numpy() on tensor that requires grad"]], tell: say("PyTorch keeps a record of this tensor.", "Write under torch.no_grad(); read with .detach().numpy().") },
  { anchor: "error-parameter", title: "A plain tensor as weight", words: [["cannot assign '", "as parameter"]], tell: say("A parameter can be replaced by a parameter only.", "nn.Parameter(tensor), or weight.copy_(tensor) under torch.no_grad().") },
  { anchor: "error-float-parameter", title: "A layer of whole numbers", words: [["only tensors of floating point"]], tell: say("Gradients need fractions: a layer cannot hold whole numbers.", "A float type, or F.conv2d without a layer.") },
  { anchor: "error-checkpoint", title: "A checkpoint that does not fit", words: [["error(s) in loading state_dict"]], tell: say("The checkpoint and the model differ.", "Read the lines behind it: a shape, or a name.") },
];
