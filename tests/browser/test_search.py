"""What a reader with a question or an error message types into the book's own search, and the chapter that must be found."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from site_of_book import visit

CHAPTER_OF = {
    "filter spans all input channels": "Basics",
    "bias BatchNorm": "Basics",
    "count weights conv linear 430": "Basics",
    "grayscale": "Basics",
    "Input type (unsigned char) and bias type (float) should be the same": "Basics",
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
    "in_channels must be divisible by groups": "Grouped",
    "out_channels must be divisible by groups": "Grouped",
    "groups must be a positive integer": "Grouped",
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


@pytest.mark.parametrize("query", CHAPTER_OF)
def test_search_leads_to_the_chapter_that_answers(browser, site, query):
    with visit(browser, f"{site}search.html?q={quote(query)}") as seen:
        seen.page.locator(".search a", has_text=CHAPTER_OF[query]).first.wait_for(timeout=10_000)
