"""Convolutions of real networks, and photos."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Layer:
    """A convolution to be timed: what kind it is of, where it comes from, and its shapes."""

    kind: str
    network: str
    x: tuple
    weight: tuple
    options: dict = field(default_factory=dict)

    @property
    def name(self):
        """The layer in one line: `ResNet-50 1x64x56x56 * 64x64x3x3`, and its options."""
        shapes = " * ".join("x".join(map(str, shape)) for shape in (self.x, self.weight))
        return " ".join([self.network, shapes, *(f"{key}={value}" for key, value in self.options.items())])


def layer(kind, network, batch, channels, outputs, size, kernel, **options):
    """A layer on a square map, or a (height, width) one, with a square kernel or a (height, width) one."""
    size, kernel = (value if isinstance(value, tuple) else (value, value) for value in (size, kernel))
    weight = (outputs, channels // options.get("groups", 1), *kernel)
    return Layer(kind, network, (batch, channels, *size), weight, options)


def batches(kind, network, *shape, **options):
    """The same layer for one image and for eight."""
    return [layer(kind, network, batch, *shape, **options) for batch in (1, 8)]


LAYERS = [
    *batches("1x1", "ResNet-50", 256, 64, 56, 1),
    *batches("1x1", "ResNet-50", 1024, 256, 14, 1),
    layer("1x1", "ResNet-50", 1, 512, 2048, 7, 1),
    layer("1x1", "ResNet-50", 1, 256, 512, 56, 1, stride=2),
    *batches("1x1", "MobileNetV2", 144, 24, 56, 1),
    *batches("3x3", "ResNet-50", 64, 64, 56, 3, padding=1),
    *batches("3x3", "ResNet-50", 128, 128, 28, 3, padding=1),
    *batches("3x3", "ResNet-50", 256, 256, 14, 3, padding=1),
    *batches("3x3", "ResNet-50", 512, 512, 7, 3, padding=1),
    *batches("strided", "ResNet-50", 3, 64, 224, 7, stride=2, padding=3),
    layer("strided", "ResNet-50", 1, 128, 128, 56, 3, stride=2, padding=1),
    layer("strided", "ResNet-50", 1, 512, 512, 14, 3, stride=2, padding=1),
    layer("strided", "MobileNetV2", 1, 3, 32, 224, 3, stride=2, padding=1),
    layer("strided", "ConvNeXt", 1, 3, 96, 224, 4, stride=4),
    layer("strided", "ConvNeXt", 1, 96, 192, 56, 2, stride=2),
    layer("grouped", "ResNeXt-50", 1, 128, 128, 56, 3, padding=1, groups=32),
    layer("grouped", "ResNeXt-50", 1, 256, 256, 28, 3, padding=1, groups=32),
    *batches("grouped", "ResNeXt-50", 512, 512, 14, 3, padding=1, groups=32),
    layer("grouped", "ResNeXt-50", 1, 256, 256, 56, 3, padding=1, stride=2, groups=32),
    layer("grouped", "four groups", 1, 64, 64, 56, 3, padding=1, groups=4),
    layer("dilated", "DeepLabV3", 1, 256, 256, 33, 3, padding=2, dilation=2),
    layer("dilated", "DeepLabV3", 1, 512, 512, 33, 3, padding=4, dilation=4),
    layer("dilated", "DeepLabV3", 1, 2048, 256, 33, 3, padding=12, dilation=12),
    layer("dilated", "DeepLabV3", 1, 2048, 256, 33, 3, padding=24, dilation=24),
    layer("depthwise", "MobileNetV2", 1, 32, 32, 112, 3, padding=1, groups=32),
    *batches("depthwise", "MobileNetV2", 144, 144, 56, 3, padding=1, groups=144),
    layer("depthwise", "MobileNetV2", 1, 96, 96, 112, 3, padding=1, stride=2, groups=96),
    *batches("depthwise", "MobileNetV2", 384, 384, 14, 3, padding=1, groups=384),
    layer("depthwise", "MobileNetV2", 1, 960, 960, 7, 3, padding=1, groups=960),
    layer("depthwise", "EfficientNet", 1, 240, 240, 28, 5, padding=2, groups=240),
    layer("depthwise", "ConvNeXt", 1, 96, 96, 56, 7, padding=3, groups=96),
    layer("depthwise", "ConvNeXt", 1, 384, 384, 14, 7, padding=3, groups=384),
    layer("photo", "grey", 1, 1, 1, 512, 3, padding=1),
    layer("photo", "grey, 8 kernels", 1, 1, 8, 512, 3, padding=1),
    layer("photo", "colour, 8 kernels", 1, 3, 8, 512, 3, padding=1),
    layer("photo", "colour, channel by channel", 1, 3, 3, 512, 5, padding=2, groups=3),
    layer("odd", "1x7", 1, 128, 128, 17, (1, 7), padding=(0, 3)),
    layer("odd", "7x1", 1, 128, 128, 17, (7, 1), padding=(3, 0)),
    layer("odd", "3x3", 1, 48, 80, (37, 53), 3, padding=1),
    layer("small", "for the loops", 1, 4, 4, 12, 3, padding=1),
]
