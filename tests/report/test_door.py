import os
import stat
from pathlib import Path

import pytest

from scanner import registry, report
from scanner.errors import ReportError, UsageError
from tests.report import samples


@pytest.mark.parametrize("name", report.formats())
def test_every_format_says_what_it_is(name: str) -> None:
    module = registry.module("scanner.report", name)
    assert module.EXTENSION.startswith(".")
    assert module.DOC


@pytest.mark.parametrize("name", report.formats())
@pytest.mark.parametrize("sample", ["small", "clean", "nothing", "hostile"])
def test_rendering_twice_gives_the_same_bytes(name: str, sample: str) -> None:
    make = getattr(samples, sample)
    assert report.render(name, make()) == report.render(name, make())


def test_extensions_are_unique() -> None:
    extensions = [registry.module("scanner.report", name).EXTENSION for name in report.formats()]
    assert len(set(extensions)) == len(extensions)


@pytest.mark.parametrize(
    ("spec", "meaning"),
    [
        ("out.sarif", ("sarif", "out.sarif")),
        ("some/folder/out.v1.JSON", ("json", "some/folder/out.v1.JSON")),
        ("findings.txt", ("console", "findings.txt")),
        ("sarif=out.json", ("sarif", "out.json")),
        ("json=-", ("json", "-")),
        ("a=b.html", ("html", "a=b.html")),
    ],
)
def test_a_spec_names_a_format_and_a_file(spec: str, meaning: tuple[str, str]) -> None:
    name, path = report.parse(spec)
    assert (name, str(path)) == meaning


@pytest.mark.parametrize("spec", ["out", "out.pdf", "pdf=out.sarif2", "-", "", "json="])
def test_a_spec_that_names_no_format_is_answered_with_the_choices(spec: str) -> None:
    with pytest.raises(UsageError) as caught:
        report.parse(spec)
    assert "console, html, json, sarif" in caught.value.hint


def test_a_missing_folder_is_made(tmp_path: Path) -> None:
    target = tmp_path / "a" / "b" / "out.json"
    report.write([("json", target)], samples.small())
    assert target.read_bytes() == report.render("json", samples.small())


def test_standard_output_gets_the_bytes(capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    report.write([("json", Path("-"))], samples.small())
    assert capsysbinary.readouterr().out == report.render("json", samples.small())


def test_a_report_replaces_the_older_one_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    target = tmp_path / "out.json"
    target.write_text("old")
    target.chmod(0o640)
    report.write([("json", target)], samples.small())
    assert list(tmp_path.iterdir()) == [target]
    assert stat.S_IMODE(target.stat().st_mode) == 0o640


def test_a_new_report_may_be_read_by_others_as_any_new_file(tmp_path: Path) -> None:
    report.write([("json", tmp_path / "out.json")], samples.nothing())
    (tmp_path / "other").touch()
    assert (tmp_path / "out.json").stat().st_mode == (tmp_path / "other").stat().st_mode


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "link.json").symlink_to(tmp_path / "real.json")
    report.write([("json", tmp_path / "link.json")], samples.nothing())
    assert (tmp_path / "link.json").is_symlink()
    assert (tmp_path / "real.json").read_bytes().startswith(b"{")


def test_a_device_is_written_to_and_not_replaced() -> None:
    report.write([("json", Path("/dev/null"))], samples.small())
    assert stat.S_ISCHR(os.stat("/dev/null").st_mode)  # noqa: PTH116  # what is looked at is the device


def test_a_folder_in_the_place_of_the_file_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "out.json").mkdir()
    with pytest.raises(ReportError, match=r"out\.json could not be written: Is a directory"):
        report.write([("json", tmp_path / "out.json")], samples.small())


def test_a_file_in_the_place_of_the_folder_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "a").touch()
    with pytest.raises(ReportError, match="could not be written"):
        report.write([("json", tmp_path / "a" / "out.json")], samples.small())


def test_links_in_a_circle_are_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "a.json").symlink_to(tmp_path / "b.json")
    (tmp_path / "b.json").symlink_to(tmp_path / "a.json")
    with pytest.raises(ReportError, match="could not be written"):
        report.write([("json", tmp_path / "a.json")], samples.small())


def test_a_failure_while_moving_into_place_keeps_the_older_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(self: Path, target: Path) -> None:
        raise OSError(28, "No space left on device")

    target = tmp_path / "out.json"
    target.write_text("old")
    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(ReportError, match="No space left"):
        report.write([("json", target)], samples.small())
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]
