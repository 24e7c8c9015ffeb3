"""How fast and how large the live figures are: `.venv/bin/python benchmarks/figures.py`, after `make book`, on a quiet machine.

Prints, beside what was promised: the time from a pointer's event, or a slider's, to the end of scripts, style and layout, and
how much of it is work of the page's thread; the frames a second of a 512 x 512 colour photo under a kernel that is dragged; the
time from DOMContentLoaded to the first live figure of each page; and the size of the scripts.
"""

import gzip
import io
import statistics
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "tests" / "browser"), str(ROOT / "tools")]

import chromium  # noqa: E402
import figure_page  # noqa: E402
import numpy as np  # noqa: E402
import site_of_book  # noqa: E402
from conv_lib import figures  # noqa: E402
from conv_lib.figures.bundle import page_script, page_style  # noqa: E402
from freshness import BUILD  # noqa: E402
from PIL import Image  # noqa: E402
from playwright.sync_api import sync_playwright  # noqa: E402

# Every cell of a grid in turn: the event, then the layout that it asks for. Painting itself is left to the compositor.
POINT = """(index) => {
  const cells = [...document.querySelectorAll('[role="grid"] [role="gridcell"]')];
  const begin = performance.now();
  cells[index].dispatchEvent(new PointerEvent('pointermove', { bubbles: true, pointerType: 'mouse', screenX: index, screenY: -1 }));
  document.body.getBoundingClientRect();
  return performance.now() - begin;
}"""
SLIDE = """(slider, steps) => {
  const begin = performance.now();
  slider.value = steps;
  slider.dispatchEvent(new Event('input', { bubbles: true }));
  document.body.getBoundingClientRect();
  return performance.now() - begin;
}"""
FRAMES = """(slider) => new Promise((done) => {
  const times = [];
  const frame = (time) => {
    times.push(time);
    if (time - times[0] > 3000) return done((times.length - 1) * 1000 / (time - times[0]));
    slider.value = (times.length % 16) / 4;
    slider.dispatchEvent(new Event('input', { bubbles: true }));
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
})"""
FIRST = """() => document.addEventListener('DOMContentLoaded', () => {
  const begin = performance.now();
  const look = () => document.querySelector('.cl-started') ? window.firstFigure = performance.now() - begin : requestAnimationFrame(look);
  requestAnimationFrame(() => setTimeout(look));
})"""


def tell(what, value, promised):
    print(f"{what:<66} {value:>10}   promised {promised}", flush=True)


def percentile(times):
    return f"{statistics.quantiles(times, n=20)[-1]:.1f} ms"


def processor(session):
    """Milliseconds that the page's own thread has worked on scripts, style and layout, whatever else the machine does."""
    found = {metric["name"]: metric["value"] for metric in session.send("Performance.getMetrics")["metrics"]}
    return 1000 * (found["ScriptDuration"] + found["RecalcStyleDuration"] + found["LayoutDuration"])


def slide(seen, name):
    """Three positions of a slider in turn, forty times: what each took, by the clock and on the processor."""
    slider = seen.page.get_by_role("slider", name=name, exact=True)
    least = int(slider.get_attribute("min"))
    session = seen.page.context.new_cdp_session(seen.page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})
    clock, work = [], []
    for step in range(120):
        before = processor(session)
        clock.append(slider.evaluate(SLIDE, least + step % 3))
        work.append(processor(session) - before)
    seen.page.get_by_role("button", name="Reset").click()
    return clock, work


def point(seen):
    """Forty cells of all grids in turn, twice, the first time for the compiler: what each took, by the clock and on the processor."""
    session = seen.page.context.new_cdp_session(seen.page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})
    count = seen.page.get_by_role("grid").get_by_role("gridcell").count()
    for _ in range(2):
        clock, work = [], []
        for index in range(0, count, max(1, count // 40)):
            before = processor(session)
            clock.append(seen.page.evaluate(POINT, index))
            work.append(processor(session) - before)
    return clock, work


def picture():
    file = io.BytesIO()
    Image.fromarray(np.random.default_rng(1).integers(0, 256, (512, 512, 3), np.uint8)).save(file, "PNG")
    return {"name": "noise.png", "mimeType": "image/png", "buffer": file.getvalue()}


# The figure of the promises, and the heaviest that ConvolutionFigure takes: about 1600 numbers, or sums of hundreds of terms.
SIZES = {"12x12x3": ((3, 12, 12), (1, 3, 3, 3)), "16x16x4, 9x9": ((4, 16, 16), (3, 4, 9, 9)), "8x8x8, 3x3": ((8, 8, 8), (8, 8, 3, 3))}


def respond(browser, folder, figure, what, sliders):
    """How fast a figure answers to a pointer, and to each of these sliders."""
    most = "16 ms, wished 8" if what == "12x12x3" else "16 ms of work"
    with figure_page.visit(browser, folder, figure) as seen:
        clock, work = point(seen)
        tell(f"pointer to laid-out figure, {what}, 95th percentile", percentile(clock), most)
        tell(f"pointer, {what}, of it work of the page's thread", percentile(work), most)
        for name in sliders:
            clock, work = slide(seen, name)
            tell(f"{name} slider, {what}, 95th percentile", percentile(clock), most.replace("16 ms of", "50 ms of"))
            tell(f"{name} slider, {what}, of it work of the page's thread", percentile(work), most.replace("16 ms of", "50 ms of"))


def interaction(browser, folder):
    rng = np.random.default_rng(2)
    for what, (x, weight) in SIZES.items():
        figure = figures.ConvolutionFigure(rng.integers(0, 10, x), rng.integers(0, 4, weight), title="Speed")
        respond(browser, folder, figure, what, ("Padding", "Kernel size", "Stride", "Dilation"))
        figure.direction = "backward"
        respond(browser, folder, figure, f"{what}, backward", ("Padding", "Kernel size"))
    largest = figures.TransposedFigure(rng.integers(0, 10, (4, 8, 8)), rng.integers(0, 4, (4, 4, 5, 5)))
    respond(browser, folder, largest, "transposed, 4x8x8, 5x5", ("Kernel size", "Padding"))
    respond(browser, folder, figures.LearningFigure(x=rng.integers(-9, 10, (8, 8)), steps=50), "learning, 8x8", ("Learning rate",))
    for colour in ("grey", "each channel alone", "channels summed"):
        with figure_page.visit(browser, folder, figures.PhotoFigure("blur", colour=colour, title="Photo")) as seen:
            seen.page.get_by_label("Own picture").set_input_files(picture())
            seen.page.wait_for_timeout(1500)
            rate = seen.page.get_by_role("slider", name="Weight", exact=True).evaluate(FRAMES)
            tell(f"photo 512x512 under a dragged 3x3, {colour}", f"{rate:.0f} fps", "30, wished 60")


def first_figures(browser):
    with site_of_book.served() as address:
        for chapter in site_of_book.chapters():
            if "cl-first" not in (BUILD / "html" / f"{chapter}.html").read_text(encoding="utf-8"):
                continue
            times = []
            for _ in range(5):
                with site_of_book.visit(browser, "about:blank") as seen:
                    seen.page.add_init_script(f"({FIRST})()")
                    seen.page.goto(f"{address}{chapter}.html")
                    seen.page.wait_for_function("window.firstFigure !== undefined", timeout=10_000)
                    times.append(seen.page.evaluate("window.firstFigure"))
            tell(f"DOMContentLoaded to the first live figure, {chapter}", f"{statistics.median(times):.0f} ms", "500 ms")


def sizes():
    classes = [getattr(figures, name) for name in figures.__all__]
    modules = sorted({cls.module for cls in classes if cls.bundle == figures.ConvolutionFigure.bundle})
    for what, text, promised in (("scripts", page_script(modules), "40 KB"), ("styles", page_style(modules), "-")):
        tell(f"{what} of all figures, gzipped", f"{len(gzip.compress(text.encode())) / 1024:.1f} KB", promised)


def main():
    sizes()
    if site_of_book.build():
        sys.exit("The book cannot be built: run `make book` to see why.")
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        browser = playwright.chromium.launch(executable_path=chromium.installed(), args=arguments)
        interaction(browser, Path(folder))
        first_figures(browser)


if __name__ == "__main__":
    main()
