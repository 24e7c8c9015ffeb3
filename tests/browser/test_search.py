"""What a reader with a question or an error message types into the book's own search, and what must be found."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from site_of_book import visit

CHAPTER_OF = {
    "filter spans all input channels": "Basics",
    "bias BatchNorm": "Basics",
    "count weights conv linear 430": "Basics",
    "grayscale": "Basics",
    "dropped row": "Shapes",
    "floor 112.5": "Shapes",
    "ceil_mode": "Shapes",
    "padding same even kernel F.pad": "Shapes",
    "in_features 936144": "Shapes",
    "LazyLinear": "Shapes",
    "channels_last": "Shapes",
    "expected input to have 3 channels, but got 1 channels instead": "Shapes",
    "Expected 3D (unbatched) or 4D (batched) input to conv2d": "Shapes",
    "Kernel size can't be greater than actual input size": "Shapes",
    "mat1 and mat2 shapes cannot be multiplied": "Shapes",
    "mat1 mat2 64x9216 3136x128": "Shapes",
    "The size of tensor a (32) must match the size of tensor b (30) at non-singleton dimension 3": "Shapes",
    "padding='same' is not supported for strided convolutions": "Shapes",
    "Padding size should be less than the corresponding input dimension": "Shapes",
    "Padding value causes wrapping around more than once": "Shapes",
    "negative padding is not supported": "Shapes",
    "non-positive stride is not supported": "Shapes",
    "dilation should be greater than zero": "Shapes",
    "Invalid padding string": "Shapes",
    "padding_mode must be one of": "Shapes",
    "groups must divide": "Grouped",
    "channel shuffle": "Grouped",
    "MACs FLOPs": "Grouped",
    "depthwise separable": "Depthwise",
    "channel multiplier": "Depthwise",
    "1x1 fully connected": "1x1",
    "bottleneck Inception": "1x1",
    "dilation padding that keeps the size": "Dilated",
    "gridding": "Dilated",
    "pooling or stride": "Strided",
    "checkerboard": "Strided",
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
    "but got 32 channels instead": "expected input to have 3 channels, but got 1 channels instead",
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
        "mat1 and mat2 shapes cannot be multiplied"
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

FIRST = {
    "groups must divide": "Grouped convolution",
    "pooling or stride": "Strided convolution",
    "receptive field": "Dilated convolution",
    "channel shuffle": "Grouped convolution > Channel shuffle",
}

ANSWERS = "query => Search._performSearch(...Search._parseQuery(query)).reverse().map(([, title, anchor]) => [title, anchor])"


@pytest.fixture(scope="module")
def answers(browser, site):
    """answers(query): what the search page lists for it, best first, as pairs of heading and anchor."""
    with visit(browser, f"{site}search.html?q=stride") as seen:
        seen.page.locator(".search a").first.wait_for(timeout=10_000)
        yield lambda query: seen.page.evaluate(ANSWERS, query)


@pytest.mark.parametrize("query", CHAPTER_OF)
def test_search_leads_to_the_chapter_that_answers(answers, query):
    assert any(CHAPTER_OF[query] in title for title, _ in answers(query)[:5])


@pytest.mark.parametrize("query, title", FIRST.items())
def test_the_page_that_is_most_about_the_words_comes_first(answers, query, title):
    assert answers(query)[0][0] == title


@pytest.mark.parametrize("message", MESSAGES)
def test_a_message_pasted_whole_leads_to_its_cure(answers, message):
    assert f"I have this error > {MESSAGES[message]}" in [title for title, anchor in answers(message)[:3] if anchor]


def test_the_first_answer_can_be_followed(browser, site):
    query = "RuntimeError: running_mean should contain 48 elements not 96"
    with visit(browser, f"{site}search.html?q={quote(query)}") as seen:
        seen.page.locator(".search a").first.click(timeout=10_000)
        seen.page.wait_for_url("**/errors.html#*")
        assert seen.page.locator(":target h3").first.is_visible()


def test_the_field_has_one_border(browser, site):
    with visit(browser, f"{site}search.html") as seen:
        form = seen.page.locator("main form.bd-search")
        assert form.bounding_box() == form.locator("input[type=search]").bounding_box()
