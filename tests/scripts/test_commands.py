"""The commands of script/ skip what is done, find what is forbidden, and count right."""

import os
import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import read_mo

from script import catalogue, front_end, stamps, testing, translation_check, translations, tree_scan
from script.test_parts import Bench, Count, _read


def test_a_step_is_fresh_until_its_inputs_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stamps, "VAR", tmp_path)
    listed = tmp_path / "requirements.txt"
    listed.write_text("django==5.2\n")
    assert not stamps.is_fresh("packages", stamps.digest([listed]))
    stamps.keep("packages", stamps.digest([listed]))
    assert stamps.is_fresh("packages", stamps.digest([listed]))
    listed.write_text("django==5.3\n")
    assert not stamps.is_fresh("packages", stamps.digest([listed]))


def test_the_scan_finds_what_may_not_be_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tree_scan, "ROOT", tmp_path)
    planted = tmp_path / "planted.py"
    planted.write_text(
        "\n".join(
            [
                "index = 'https://" + "pypi" + ".org/simple'",
                "folder = '/" + "root/.cache'",
                "api_key = '" + "a1B2" * 10 + "'",
                "fine = '/watch/home/'",
                *["x = 1"] * 300,
            ]
        )
    )
    monkeypatch.setattr(tree_scan, "_ours", lambda: [planted])
    assert tree_scan.findings() == [
        "planted.py has 304 lines; 300 are allowed",
        "planted.py:1 names a package registry's address",
        "planted.py:2 holds a path that only this machine has",
        "planted.py:3 holds something like a secret",
    ]


def test_each_served_module_is_named_by_the_import_map_or_by_its_neighbour(
    repository: Path,
) -> None:
    import_map = (repository / "templates/ui/importmap.html").read_text()
    served = {script.served_as for script in front_end.SCRIPTS}
    named = {name for name in served if f"npm/{name}" in import_map}
    reached = set(named)
    while found := {near for name in reached for near in _neighbours(name)} - reached:
        reached |= found
    assert named
    assert reached == served


def test_a_served_module_names_no_source_map() -> None:
    assert front_end._without_map("a();\n//# sourceMappingURL=a.js.map\n") == "a();\n\n"


def test_translations_are_compiled_when_they_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(translations, "LOCALE", tmp_path)
    folder = tmp_path / "es" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    head = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\n'
    (folder / "django.po").write_text(f'{head}msgid "Films"\nmsgstr "Películas"\n')
    translations.compile_changed()
    with (folder / "django.mo").open("rb") as file:
        assert read_mo(file).get("Films").string == "Películas"  # type: ignore[union-attr]  # it was just written


def test_programs_list_themselves_by_their_first_line(tmp_path: Path) -> None:
    (tmp_path / "crash.py").write_text(
        '"""Kills.\n\nMore."""\n\ndef main() -> int:\n    return 0\n'
    )
    (tmp_path / "rig.py").write_text('"""No program."""\n')
    assert catalogue.entries(tmp_path) == {"crash": "Kills."}
    assert catalogue.split(["crash", "disk", "--", "--rounds", "2"]) == (
        ["crash", "disk"],
        ["--rounds", "2"],
    )


def test_words_after_two_dashes_are_pytests() -> None:
    assert testing._split(["unit", "-x", "--", "-k", "money"]) == (["unit", "-x"], ["-k", "money"])


def test_results_are_read_from_pytests_report(tmp_path: Path) -> None:
    report = tmp_path / "report.xml"
    report.write_text(
        '<testsuites><testsuite tests="7" failures="1" errors="1" skipped="2"/></testsuites>'
    )
    assert _read(report) == Count(passed=3, failed=2, skipped=2)
    assert str(_read(report)) == "3 passed, 2 failed, 2 skipped"


def test_a_part_in_which_nothing_ran_has_failed(tmp_path: Path) -> None:
    (tmp_path / "nothing").mkdir()
    bench = Bench(tmp_path, ["--collect-only", "-p", "no:randomly", str(tmp_path / "nothing")])
    assert bench.pytest() == ["no test was found"]


def test_the_summary_ends_with_the_totals(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bench = Bench(tmp_path, count=Count(passed=4, failed=1))
    lines = [testing.Line("unit", "failed", 1.5, "1 failed"), testing.Line("lint", "passed", 2, "")]
    assert testing._summary(lines, bench) == 1
    assert capsys.readouterr().out.splitlines()[-1] == "4 passed, 1 failed"


def test_ci_calls_the_tests_and_nothing_else(repository: Path) -> None:
    lines = (repository / ".ci/run").read_text().splitlines()
    assert [line for line in lines if line and not line.startswith("#")] == [
        'exec "$(dirname "${BASH_SOURCE[0]}")/../script/test"'
    ]


def test_a_sentence_must_be_translated_certain_and_used() -> None:
    collected, kept = Catalog(), Catalog()
    collected.add("Films", "Películas")
    collected.add("Watch", "")
    collected.add("Pay", "Pagar", flags=["fuzzy"])
    collected.add(("%d view", "%d views"), ("%d vista", ""))
    kept.add("Gone", "Ido")
    assert list(translation_check._compare("es", collected, kept)) == [
        "es: not translated: 'Watch'",
        "es: uncertain (fuzzy): 'Pay'",
        "es: not translated: ('%d view', '%d views')",
        "es: no longer used: 'Gone'",
    ]


def _neighbours(name: str) -> set[str]:
    """Modules that a served one imports by a relative name."""
    text = (front_end.SERVED / name).read_text(encoding="utf-8")
    near = re.findall(r"""(?m)^(?:import|export)\b[^'"]*\bfrom\s*['"](\.[^'"]+)['"]""", text)
    return {os.path.normpath(Path(name).parent / path) for path in near}
