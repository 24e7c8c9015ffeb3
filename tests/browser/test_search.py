"""What a reader with a question or an error message types into the book's own search, and what must be found."""

from __future__ import annotations

import re
from urllib.parse import quote

import freshness
import pytest
from site_of_book import visit

HTML = freshness.BUILD / "html"

# What a reader types, and the page that comes first: the lesson for an idea, the answer for a question, "I have this error" for
# a message. Of a question and a message also the part of the page.
IDEAS = {
    "cross-correlation": "basics",
    "kernel is not flipped": "basics",
    "channels are summed": "basics",
    "nine arguments of Conv2d": "basics",
    "size formula": "shapes",
    "output size": "shapes",
    "padding": "shapes",
    "NCHW": "shapes",
    "number of parameters": "basics",
    "floor": "shapes",
    "four padding modes": "shapes",
    "padding modes": "shapes",
    "what padding is for": "shapes",
    "reflect replicate circular": "shapes",
    "even kernels": "shapes",
    "groups must divide": "groups",
    "channel shuffle": "groups",
    "grouped convolution": "groups",
    "three forms of a ResNeXt block": "groups",
    "depthwise separable": "depthwise",
    "channel multiplier": "depthwise",
    "block of MobileNetV2": "depthwise",
    "squeeze and expand": "1x1",
    "bottleneck": "1x1",
    "1x1 fully connected": "1x1",
    "effective kernel size": "dilated",
    "receptive field": "dilated",
    "gridding": "dilated",
    "how to calculate output size of conv2d": "shapes",
    "what is a receptive field": "dilated",
    "does convolution flip the kernel": "basics",
    "deconvolution": "transposed",
    "padding that keeps the size dilation": "dilated",
    "resolution is kept": "dilated",
    "dropped row": "strided",
    "pooling or stride": "strided",
    "aliasing": "strided",
    "output stride": "strided",
    "which kernel is rotated, and when?": "backward",
    "why is the weight's gradient dilated by the stride?": "backward",
    "backward pass of your own": "backward",
    "output_padding": "transposed",
    "an extra pixel at stride 1, output_padding refused": "transposed",
    "checkerboard kernel 3 stride 2": "transposed",
    "bilinear + conv or ConvTranspose2d(1024, 512, 2, 2) in U-Net": "transposed",
    "ConvTranspose2d weight in, out / groups": "transposed",
    "winograd": "computed",
    "im2col": "computed",
    "glossary": "summary",
    "pointwise convolution": "1x1",
    "depthwise conv pytorch": "depthwise",
    "backprop through conv layer": "backward",
    "custom autograd function conv2d": "backward",
    "channels first or channels last": "shapes",
    "what is groups in conv2d": "groups",
}
QUESTIONS = {
    "averaged or summed channels of an RGB picture, 32 filters 96 maps?": "q-rgb-filters",
    "how many parameters in conv2d 3 64 3x3": "q-count",
    "flops of conv layer": "q-count",
    "freeze conv layer": "q-freeze",
    "visualise filters of first layer": "q-look-at-kernels",
    "dilation vs stride": "q-stride-or-dilation",
    "channels last numpy image": "q-own-picture",
    "how much memory does training take": "q-training-memory",
    "People say that a 1x1 convolution is a fully connected layer. For 2 input channels of 2x2 and one output channel "
    "I only see four small fully connected layers, one per pixel. Which is right?": "q-pointwise-or-linear",
    "Tools print 'FLOPs' for a conv layer but seem to count a multiply and an add as one. Are these MACs, and is FLOPs = 2*MACs "
    "or the other way round?": "q-macs-flops",
    "bias=False before BatchNorm?": "q-bias-batchnorm",
    "5x5 picture 5 filters 2x2 linear layer, how many weights?": "q-count-430",
    "why does 224 with 7x7 stride 2 give 112.5": "q-112",
    "do pooling layers round the same way?": "q-ceil-mode",
    "is there padding='same' in PyTorch for a kernel of (4, 1)?": "q-same-exists",
    "where does in_features 936144 come from": "q-in-features",
    "weight shape [12, 1, 3, 3] all three groups?": "q-weight-12-1-3-3",
    "what must be divisible by groups?": "q-divisible",
    "how do I build MobileNet's depthwise separable convolution": "q-build-separable",
    "paper says depthwise separable, code only depthwise, the same?": "q-depthwise-or-separable",
    "is a 1x1 convolution a fully connected layer?": "q-pointwise-or-linear",
    "how can an extra layer lower the cost?": "q-pointwise-cheaper",
    "what padding keeps the size when dilation is 2": "q-dilation-padding",
    "when do I use pooling and when stride 2?": "q-pooling-or-stride",
    "are MACs and FLOPs the same?": "q-macs-flops",
    "why atol beside rtol": "q-last-digits",
    "does channels_last make it faster?": "q-channels-last-format",
    "why must weights be float?": "q-float-weights",
    "why two 3x3 instead of one 5x5?": "q-three-3x3",
    "why does looping over model.children() fail": "q-children",
    "why does print(model) show no sizes?": "q-print-model",
    "unpadded U-Net how are the maps cropped and joined?": "q-unet-crop",
    "what do the sizes of torchsummary and torchinfo count?": "q-summary-sizes",
    "why does training need more memory than no_grad?": "q-training-memory",
    "why is a depthwise layer not faster?": "q-depthwise-slow",
    "checkerboard in my decoder, why?": "q-checkerboard",
    "how do I measure the time of a layer?": "q-measure",
    "why ReLU6?": "q-relu6",
    "is padding 1 twice the same as padding 2?": "q-padding-twice",
    "is a weight's gradient summed or averaged over the batch?": "q-gradient-sum",
    "norm in front of a convolution, can it be folded?": "q-batchnorm-before",
    "are MACs weights times pixels?": "q-macs-per-weight",
    "does inplace ReLU save memory?": "q-inplace",
    "is bilinear upsampling a transposed convolution?": "q-upsampling-transposed",
    "transposed convolution with stride 1, what is it?": "q-transposed-stride-1",
    "does padding change the receptive field?": "q-what-changes-field",
    "how do I print the shape after every layer?": "q-print-shapes",
    "Keras padding='same' in PyTorch?": "porting-padding",
    "Keras weights to PyTorch": "porting-weights",
    "asymmetric padding": "q-asymmetric",
    "ONNX pads auto_pad": "porting-onnx",
    "why does scipy convolve2d give another result?": "porting-flipped",
    "how do I port DepthwiseConv2D from Keras?": "porting-depthwise",
    "ported Keras model, Dense gives nonsense after Flatten": "porting-flatten",
    "BatchNorm epsilon ported model": "porting-batchnorm",
    "Caffe": "porting-caffe",
    "OpenCV": "porting-opencv",
    "how to add padding only on one side": "q-asymmetric",
    "upsample vs convtranspose2d": "q-upsampling-transposed",
    "set kernel to sobel": "q-own-kernel",
    "conv2d weight shape": "basics-parameters",
    "batch size 1 batchnorm error": "error-one-value",
    "ResNet's first layer has a 224x224 input, 7x7 kernel, stride 2, padding 3; the formula gives 112.5 (or 111.5+1). "
    "Which size comes out, and do pooling layers round the same way?": "q-112",
    "calculate in_features after conv layers": "q-in-features",
    "pixel shuffle": "q-pixel-shuffle",
    "memory of feature maps": "q-weights-or-maps",
    "do filters learn edges by themselves": "q-learns-a-kernel",
    "weights initialization conv2d default": "q-initial-values",
    "grayscale image pretrained resnet": "q-grey-into-rgb",
    "add bias or not with batch norm": "q-bias-batchnorm",
    "can I change input image size of cnn": "q-any-size",
    "got 3 channels instead of 1": "error-channels",
    "conv2d vs linear": "q-linear-or-conv",
    "difference between stride and dilation": "q-stride-or-dilation",
    "kaiming init conv": "q-initial-values",
    "vgg16 parameters": "q-vgg-linear",
}
OTHERS = {
    "Dumoulin Visin": "References",
    "Koltun": "References",
    "effective_kernel_size": "effective_kernel_size",
    "from_torch": "from_torch",
    "ConvolutionFigure": "ConvolutionFigure",
}


# Last lines of tracebacks, with a reader's own numbers and names, and the heading of the page "I have this error".
MESSAGES = {
    "RuntimeError: Given groups=1, weight of size [64, 3, 7, 7], expected input[8, 1, 224, 224] to have 3 channels, "
    "but got 1 channels instead": "expected input to have 3 channels, but got 1 channels instead",
    "RuntimeError: Given groups=1, weight of size [64, 3, 7, 7], expected input[8, 224, 224, 3] to have 3 channels, "
    "but got 224 channels instead": "expected input to have 3 channels, but got 1 channels instead",
    "RuntimeError: Given groups=32, weight of size [64, 32, 3, 3], expected input[4, 32, 56, 56] to have 1024 channels, "
    "but got 32 channels instead": "Given groups=2, expected input to have 8 channels, but got 4 channels",
    "ValueError: in_channels must be divisible by groups": "in_channels must be divisible by groups",
    "ValueError: out_channels must be divisible by groups": "out_channels must be divisible by groups",
    "ValueError: groups must be a positive integer": "groups must be a positive integer",
    "RuntimeError: running_mean should contain 48 elements not 96": "running_mean should contain 32 elements not 64",
    "RuntimeError: Expected 3D (unbatched) or 4D (batched) input to conv2d, but got input of size: [128, 3072]": (
        "Expected 3D (unbatched) or 4D (batched) input to conv2d"
    ),
    "RuntimeError: Calculated padded input size per channel: (4 x 300). Kernel size: (5 x 300). "
    "Kernel size can't be greater than actual input size": "Kernel size can’t be greater than actual input size",
    "RuntimeError: mat1 and mat2 shapes cannot be multiplied (64x9216 and 3136x128)": (
        "mat1 and mat2 shapes cannot be multiplied; size mismatch, m1, m2"
    ),
    "RuntimeError: size mismatch, m1: [1 x 936144], m2: [400 x 3] at /pytorch/aten/src/TH/generic/THTensorMath.cpp:136": (
        "mat1 and mat2 shapes cannot be multiplied; size mismatch, m1, m2"
    ),
    "RuntimeError: The size of tensor a (14) must match the size of tensor b (13) at non-singleton dimension 2": (
        "The size of tensor a (32) must match the size of tensor b (30)"
    ),
    "RuntimeError: Sizes of tensors must match except in dimension 1. Expected size 75 but got size 74 for tensor number 1 "
    "in the list.": "Sizes of tensors must match except in dimension 1",
    "RuntimeError: Given input size: (256x1x7). Calculated output size: (256x0x3). Output size is too small": (
        "Output size is too small"
    ),
    "ValueError: Expected more than 1 value per channel when training, got input size torch.Size([1, 256, 1, 1])": (
        "Expected more than 1 value per channel when training"
    ),
    "ValueError: padding='same' is not supported for strided convolutions": (
        "padding=’same’ is not supported for strided convolutions"
    ),
    "RuntimeError: Argument #4: Padding size should be less than the corresponding input dimension, but got: "
    "padding (40, 40) at dimension 3 of input [1, 64, 28, 28]": (
        "Padding size should be less than the corresponding input dimension"
    ),
    "RuntimeError: Padding value causes wrapping around more than once.": "Padding value causes wrapping around more than once",
    "RuntimeError: negative padding is not supported": "negative padding is not supported",
    "RuntimeError: non-positive stride is not supported": "non-positive stride is not supported",
    "RuntimeError: dilation should be greater than zero, but got [0, 0]": "dilation should be greater than zero",
    "RuntimeError: kernel size should be greater than zero, but got kernel_height: 0 kernel_width: 0": (
        "kernel size should be greater than zero"
    ),
    "RuntimeError: expected padding to be a single integer value or a list of 2 values to match the convolution dimensions, "
    "but got padding=[0, 1, 0, 1]": "expected padding to be a single integer value or a list of 2 values",
    "ValueError: Invalid padding string 'SAME', should be one of {'same', 'valid'}": "Invalid padding string",
    "ValueError: padding_mode must be one of {'circular', 'reflect', 'zeros', 'replicate'}, but got padding_mode='edge'": (
        "padding_mode must be one of"
    ),
    "RuntimeError: output padding must be smaller than either stride or dilation, but got output_padding_height: 1 "
    "output_padding_width: 1 stride_height: 1": "output padding must be smaller than either stride or dilation",
    "RuntimeError: Input type (unsigned char) and bias type (float) should be the same": (
        "Input type (unsigned char) and bias type (float) should be the same"
    ),
    "RuntimeError: expected scalar type Double but found Float": "expected scalar type Double but found Float",
    "NotImplementedError: \"slow_conv2d_cpu\" not implemented for 'Bool'": "slow_conv2d_cpu not implemented for ‘Bool’",
    "TypeError: conv2d() received an invalid combination of arguments - got (list, Parameter, Parameter, tuple), but expected": (
        "conv2d() received an invalid combination of arguments"
    ),
    "TypeError: empty(): argument 'size' failed to unpack the object at pos 2 with error \"type must be tuple of ints\"": (
        "empty(): argument ‘size’ failed to unpack the object"
    ),
    "RuntimeError: weight should have at least three dimensions": "weight should have at least three dimensions",
    "RuntimeError: Given groups=64, expected weight to be at least 64 at dimension 0, but got weight of size [1, 1, 5, 5]": (
        "expected weight to be at least 3 at dimension 0"
    ),
    "RuntimeError: Given weight of size [64, 3, 7, 7], expected bias to be 1-dimensional with 64 elements, but got bias": (
        "expected bias to be 1-dimensional with 8 elements"
    ),
    "RuntimeError: Error(s) in loading state_dict for Net: size mismatch for backbone.layer1.0.conv1.weight: copying a param "
    "with shape torch.Size([64, 3, 7, 7]) from checkpoint": "size mismatch: copying a param with shape",
    'RuntimeError: Error(s) in loading state_dict for Net: Missing key(s) in state_dict: "encoder7.bias"': (
        "Missing key(s) in state_dict, Unexpected key(s) in state_dict"
    ),
}

ANSWERS = """query => Search._performSearch(...Search._parseQuery(query)).reverse()
  .map(([page, title, anchor]) => ({ page, title, anchor: anchor.slice(1) }))"""


@pytest.fixture(scope="module")
def answers(browser, site):
    """answers(query): what the search page lists for it, best first, each with its page, title and anchor."""
    with visit(browser, f"{site}search.html?q=stride") as seen:
        seen.page.locator("#search-results a").first.wait_for()
        yield lambda query: seen.page.evaluate(ANSWERS, query)


@pytest.fixture(scope="module")
def part_of(site):
    """part_of(page, anchor): the labels of the part of a page that an anchor opens."""
    texts = {}

    def labels(page: str, anchor: str) -> list[str]:
        text = texts.setdefault(page, (HTML / f"{page}.html").read_text(encoding="utf-8"))
        at = text.index(f'id="{anchor}"')
        return re.findall(r'id="([\w-]+)"', text[max(0, at - 200) : text.index("</h", at)])

    return labels


def test_there_are_enough_searches():
    assert len(IDEAS) + len(QUESTIONS) + len(MESSAGES) >= 60


@pytest.mark.parametrize("query, lesson", IDEAS.items())
def test_the_words_of_an_idea_lead_to_its_lesson(answers, query, lesson):
    assert [answer["page"] for answer in answers(query)[:1]] == [f"book/{lesson}"]


@pytest.mark.parametrize("query, label", QUESTIONS.items())
def test_a_question_leads_to_its_answer(answers, part_of, query, label):
    first = answers(query)[0]
    assert first["anchor"] and label in part_of(first["page"], first["anchor"]), first


@pytest.mark.parametrize("query", OTHERS)
def test_names_are_found(answers, query):
    assert any(OTHERS[query] in answer["title"] for answer in answers(query)[:5])


@pytest.mark.parametrize("message", MESSAGES)
def test_a_message_pasted_whole_leads_to_its_cure(answers, message):
    assert answers(message)[0]["title"] == f"I have this error > {MESSAGES[message]}"


def test_the_first_answer_can_be_followed(browser, site):
    query = "RuntimeError: running_mean should contain 48 elements not 96"
    with visit(browser, f"{site}search.html?q={quote(query)}") as seen:
        seen.page.locator("#search-results a").first.click()
        seen.page.wait_for_url("**/errors.html#*")
        assert seen.page.locator(":target h3").first.is_visible()


def test_the_field_has_one_border(browser, site):
    with visit(browser, f"{site}search.html") as seen:
        assert seen.page.locator("main input[type=search]").evaluate("field => getComputedStyle(field).borderStyle") == "none"
        assert seen.page.locator("main form").evaluate("form => getComputedStyle(form).borderStyle") == "solid"
