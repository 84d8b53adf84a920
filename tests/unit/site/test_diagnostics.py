import json

from sslab.site.diagnostics import Diagnostic, SiteError, render

WRONG = Diagnostic("sites/a,b.yaml", 14, 5, "ingress.domain", '"100%" is wrong', "mend it")
WHOLE = Diagnostic("sites/a,b.yaml", 2, 1, "", "the file is empty", "fill it")


def test_text_is_sorted_by_place() -> None:
    assert render([WRONG, WHOLE]) == (
        "sites/a,b.yaml:2:1: the file is empty; fill it\n"
        'sites/a,b.yaml:14:5: ingress.domain: "100%" is wrong; mend it'
    )


def test_json() -> None:
    assert json.loads(render([WRONG], "json")) == {
        "diagnostics": [
            {
                "file": "sites/a,b.yaml",
                "line": 14,
                "column": 5,
                "field": "ingress.domain",
                "problem": '"100%" is wrong',
                "remedy": "mend it",
            }
        ]
    }
    assert json.loads(render([], "json")) == {"diagnostics": []}


def test_github_annotations_are_escaped_as_the_runner_reads_them() -> None:
    assert render([WRONG, WHOLE], "github").splitlines() == [
        "::error file=sites/a%2Cb.yaml,line=2,col=1,title=file::the file is empty; fill it",
        "::error file=sites/a%2Cb.yaml,line=14,col=5,title=ingress.domain::"
        'ingress.domain: "100%25" is wrong; mend it',
    ]


def test_no_text_can_break_out_of_its_line() -> None:
    nasty = Diagnostic("a\n::error::x.yaml", 1, 1, "f\x1b[31m", "a\rb\u202ec", "d\u2028e")
    for format in ("text", "github"):
        line = render([nasty], format)
        assert line.isprintable()
    assert render([nasty]) == ("a\\n::error::x.yaml:1:1: f\\x1b[31m: a\\rb\\u202ec; d\\u2028e")
    assert render([nasty], "github").count("::error") == 1


def test_the_error_carries_all_diagnostics_sorted() -> None:
    error = SiteError([WRONG, WHOLE])
    assert error.diagnostics == (WHOLE, WRONG)
    assert str(error) == render([WHOLE, WRONG])
