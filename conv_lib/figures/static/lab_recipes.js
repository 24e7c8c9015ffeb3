// How blocks of well-known networks pass a picture on, by the names of their parts: what print(model) does not show. A recipe is taken
// only where class and parts have these names; what it gives is a reading, and its rows say so.
//
// A recipe is (steps, x, module): steps.run(name, ...tensors) runs a part, steps.has(name), steps.call(op, ...tensors) a function.

const RELU = "relu";

function inOrder(steps, x, names) {
  return names.filter(steps.has).reduce((value, name) => steps.run(name, value), x);
}

function residual(steps, x) {
  const act = ["relu", "act1", "activation"].find(steps.has);
  const last = ["act3", "act2"].find(steps.has);
  let y = x;
  for (let i = 1; steps.has(`conv${i}`); i += 1) {
    y = inOrder(steps, y, [`conv${i}`, `bn${i}`, `norm${i}`]);
    if (steps.has(`conv${i + 1}`)) y = inOrder(steps, y, i === 1 ? ["drop_block", steps.has("act1") ? "act1" : act] : [`drop_block${i}`, steps.has(`act${i}`) ? `act${i}` : act]);
    if (steps.has("aa") && i === (steps.has("conv3") ? 2 : 1)) y = steps.run("aa", y);
  }
  y = inOrder(steps, y, ["se", "drop_path"]);
  const short = ["downsample", "shortcut"].find(steps.has);
  const sum = steps.call("add", y, short ? steps.run(short, x) : x);
  return last ?? act ? steps.run(last ?? act, sum) : steps.call(RELU, sum);
}

// Convolutions of detectron2: a norm inside each, relu by function.
function detectron(steps, x) {
  let y = steps.call(RELU, steps.run("conv1", x));
  if (steps.has("conv3")) y = steps.run("conv3", steps.call(RELU, steps.run("conv2", y)));
  else y = steps.run("conv2", y);
  return steps.call(RELU, steps.call("add", y, steps.has("shortcut") ? steps.run("shortcut", x) : x));
}

function added(name) {
  return (steps, x) => {
    const y = inOrder(steps, x, [name, "stochastic_depth"]);
    return steps.fits(x, y) ? steps.call("add", x, y) : y;
  };
}

function shuffle(steps, x, module) {
  const whole = module.parts.get("branch1").children.length;
  const parts = whole ? [steps.run("branch1", x), steps.run("branch2", x)] : steps.call("chunk", x, 2, 1);
  if (!whole) parts[1] = steps.run("branch2", parts[1]);
  return steps.call("cat", parts, 1);
}

// The branches branch1, branch3x3_1, branch3x3_2, … of an Inception: the parts of one name behind each other, those with a and b side by side.
function inception(steps, x, { kind, parts }) {
  const branches = new Map();
  for (const name of parts.keys()) {
    const [, branch, index, side] = /^(.*?)(?:_(\d+)([a-z]?))?$/.exec(name);
    const list = branches.get(branch) ?? branches.set(branch, []).get(branch);
    list.push([name, index, side]);
  }
  const ends = [];
  for (const [branch, list] of branches) {
    let y = branch === "branch_pool" && list.length === 1 && /^Inception[ACE]$/.test(kind) ? steps.call("avg_pool2d", x, 3, 1, 1) : x;
    const sides = [];
    for (const [name, , side] of list) {
      if (side) sides.push(steps.run(name, y));
      else y = steps.run(name, y);
    }
    ends.push(sides.length ? steps.call("cat", sides, 1) : y);
  }
  if (/^Inception[BD]$/.test(kind)) ends.push(steps.call("max_pool2d", x, 3, 2));
  return steps.call("cat", ends, 1);
}

function dense(steps, x, module) {
  const all = [x];
  for (const name of module.parts.keys()) all.push(steps.run(name, all.length > 1 ? steps.call("cat", [...all], 1) : x));
  return steps.call("cat", all, 1);
}

function gate(steps, x) {
  const names = ["avgpool", "fc1", "activation", "fc2", "scale_activation"];
  return steps.call("mul", inOrder(steps, x, names), x);
}

function timmGate(steps, x) {
  return steps.call("mul", x, inOrder(steps, steps.call("mean", x, [2, 3], true), ["conv_reduce", "act1", "conv_expand", "gate"]));
}

// A timm block with an identity around it where the shapes allow it.
function timmInverted(steps, x, module) {
  const y = inOrder(steps, x, [...module.parts.keys()].filter((name) => !["drop_path"].includes(name)));
  return steps.fits(x, y) ? steps.call("add", y, x) : y;
}

function regnet(steps, x) {
  return steps.run("activation", steps.call("add", steps.has("proj") ? steps.run("proj", x) : x, steps.run("f", x)));
}

// Up of a U-Net: the map that came down on the same level is joined. Which one: of the right size and number of channels.
function up(steps, x, module, extra) {
  const y = steps.run("up", x);
  const skip = extra ?? steps.earlier(y, steps.takes("conv"));
  return skip ? steps.run("conv", steps.call("cat", [skip, y], 1)) : steps.lose("the map that is joined to it is not in the text", "conv");
}

function convnext(steps, x, module) {
  const block = module.parts.get("block");
  let y = x;
  for (const [name, part] of block.children) {
    if (part.kind === "Permute") y = steps.call("permute", y, ...(y.shape && y.shape[1] === x.shape?.[1] ? [0, 2, 3, 1] : [0, 3, 1, 2]));
    else y = steps.run(`block.${name}`, y);
  }
  return steps.call("add", x, y);
}

function fire(steps, x) {
  const squeezed = inOrder(steps, x, ["squeeze", "squeeze_activation"]);
  const ends = ["expand1x1", "expand3x3"].map((name) => inOrder(steps, squeezed, [name, `${name}_activation`]));
  return steps.call("cat", ends, 1);
}

// [class, parts that must be there, recipe, parts that may be there]
const RECIPES = [
  [/^(BasicBlock|Bottleneck)$/, ["conv1", "bn1", "conv2", "bn2"], residual],
  [/^(BottleneckBlock|BasicBlock)$/, ["conv1", "conv2"], detectron],
  [/^Fire$/, ["squeeze", "expand1x1", "expand3x3"], fire],
  [/^InvertedResidual$/, ["branch1", "branch2"], shuffle],
  [/^InvertedResidual$/, ["conv"], added("conv")],
  [/^(InvertedResidual|MBConv|FusedMBConv)$/, ["block"], added("block")],
  [/^_InvertedResidual$/, ["layers"], added("layers")],
  [/^(InvertedResidual|DepthwiseSeparableConv|ConvBnAct|EdgeResidual)$/, ["bn1"], timmInverted],
  [/^Inception\w*$/, ["branch1", "branch2", "branch3", "branch4"], inception],
  [/^Inception[A-E]$/, [], inception],
  [/^_DenseBlock$/, ["denselayer1"], dense],
  [/^SqueezeExcitation$/, ["fc1", "fc2"], gate],
  [/^SqueezeExcite$/, ["conv_reduce", "conv_expand"], timmGate],
  [/^ResBottleneckBlock$/, ["f", "activation"], regnet],
  [/^CNBlock$/, ["block"], convnext],
  [/^Up$/, ["up", "conv"], up],
];

// Classes whose parts run in the printed order, each once, if they have these parts.
const ORDERED = [
  [/^(Conv\w*(Norm|BN|Bn)\w*|BasicConv2d|ConvModule|SeparableConv\w*|BottleneckTransform|AnyStage|_DenseLayer|_Transition|BatchNormAct2d)$/, []],
  [/^DoubleConv$/, ["double_conv"]], [/^Down$/, ["maxpool_conv"]], [/^OutConv$/, ["conv"]], [/^UNet$/, ["inc", "down1", "up1", "outc"]],
  [/^SqueezeNet$/, ["features", "classifier"]], [/^ResNet$/, ["conv1", "layer1", "layer4", "fc"]], [/^RegNet$/, ["stem", "trunk_output"]], [/^GoogLeNet$/, ["inception3a"]],
  [/^Inception3$/, ["Conv2d_1a_3x3", "Mixed_5b"]], [/^ShuffleNetV2$/, ["stage2", "conv5"]], [/^EfficientNet$/, ["conv_stem", "blocks", "conv_head"]],
];

export function recipeOf(module) {
  const { parts, kind } = module;
  return RECIPES.find(([pattern, needed]) => pattern.test(kind) && needed.every((name) => parts.has(name)))?.[2] ?? null;
}

export function isOrdered({ kind, parts }) {
  return ORDERED.some(([pattern, needed]) => pattern.test(kind) && needed.every((name) => parts.has(name)));
}
