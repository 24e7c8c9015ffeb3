"""The stored form of a notebook: equal runs give equal files."""

from __future__ import annotations

from normalise import WIDGET, addresses, normalise, text_of


def notebook(*cells: dict) -> dict:
    return {"cells": list(cells), "metadata": {"widgets": {"state": {}}}, "nbformat": 4, "nbformat_minor": 5}


def code(source: str, *outputs: dict, **more) -> dict:
    return {"cell_type": "code", "source": source, "metadata": {}, "execution_count": 7, "outputs": list(outputs), **more}


def shown(data: dict) -> dict:
    return {"output_type": "execute_result", "data": data, "metadata": {}, "execution_count": 7}


def stream(text: str) -> dict:
    return {"output_type": "stream", "name": "stdout", "text": text}


def test_cells_are_numbered_and_empty_ones_go():
    stored = normalise(notebook(code("1"), code("  \n"), code("2", shown({"text/plain": "2"}))))
    assert [cell["execution_count"] for cell in stored["cells"]] == [1, 2]
    assert stored["cells"][1]["outputs"][0]["execution_count"] == 2


def test_ids_stay_and_missing_or_doubled_ones_are_made():
    stored = normalise(notebook(code("1", id="first"), code("2"), code("3", id="first")))
    ids = [cell["id"] for cell in stored["cells"]]
    assert ids[0] == "first" and len(set(ids)) == 3


def test_a_widget_leaves_its_still_figure_and_its_text():
    stored = normalise(notebook(code("fig", shown({WIDGET: {"model_id": "5f"}, "image/svg+xml": "<svg/>", "text/plain": "Fig()"}))))
    assert stored["cells"][0]["outputs"][0]["data"] == {"image/svg+xml": ["<svg/>"], "text/plain": ["Fig()"]}
    assert "widgets" not in stored["metadata"]


def test_pieces_of_a_stream_are_joined():
    stored = normalise(notebook(code("print()", stream("a\n"), stream("b\n"))))
    assert stored["cells"][0]["outputs"] == [{"output_type": "stream", "name": "stdout", "text": ["a\n", "b\n"]}]


def test_a_traceback_keeps_its_message_only():
    error = {"output_type": "error", "ename": "ValueError", "evalue": "no", "traceback": ["/home/me/x.py", "ValueError"]}
    assert normalise(notebook(code("f()", error)))["cells"][0]["outputs"][0]["traceback"] == ["ValueError: no"]


def test_timings_and_view_state_go_and_tags_stay():
    cell = code("1", metadata={"execution": {"iopub.status.busy": "12:00"}, "scrolled": True, "tags": ["hide-input"]})
    assert normalise(notebook(cell))["cells"][0]["metadata"] == {"tags": ["hide-input"]}


def test_an_address_is_found_with_its_cell():
    stored = normalise(notebook(code("1"), code("f", shown({"text/plain": "<Figure at 0x7f12ab>"}))))
    assert addresses(stored) == [(2, "at 0x7f12ab")]


def test_twice_is_once():
    raw = notebook(code("1\n", stream("a"), stream("b")), {"cell_type": "markdown", "source": ["# T\n"], "metadata": {}})
    once = normalise(raw)
    assert text_of(normalise(once)) == text_of(once)
