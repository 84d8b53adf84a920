import pytest

from sslab.site import types
from sslab.site.forms import suggestion
from sslab.site.spelling import closest


@pytest.mark.parametrize(
    ("pattern", "text", "mended"),
    [
        (types.DNS_NAME, "nyu_ssl.edu", "nyu-ssl.edu"),
        (types.DNS_NAME, "NYU.edu.", "nyu.edu"),
        (types.DNS_NAME, "https://ssl.nyu.edu/", "ssl.nyu.edu"),
        (types.DNS_NAME, "*.nyu.edu", "nyu.edu"),
        (types.DNS_NAME, "!", None),
        (types.DNS_LABEL, "My Site", "my-site"),
        (types.DNS_LABEL, "-a-", "a"),
        (types.DNS_LABEL, "a" * 64, None),
        (types.DNS_LABEL, "a" * 100_000, None),
        (types.BUCKET_NAME, "Z_Peak", "z-peak"),
        (types.BUCKET_NAME, "ab", None),
        (types.QUANTITY, "6 GB", "6G"),
        (types.QUANTITY, "6GiB", "6Gi"),
        (types.QUANTITY, "6gi", "6Gi"),
        (types.QUANTITY, "1.5 gib", "1.5Gi"),
        (types.QUANTITY, "10K", "10k"),
        (types.QUANTITY, "500 mb", "500M"),
        (types.QUANTITY, "500 m", "500m"),
        (types.QUANTITY, "6 apples", None),
        (types.QUANTITY, "-6Gi", None),
        (types.QUANTITY, "1,500", None),
        (types.MAIL_ADDRESS, " a@b.edu ", "a@b.edu"),
        (types.ONE_LINE, " a site", "a site"),
        ("^unknown$", "x", None),
    ],
)
def test_a_wrong_form_is_mended_where_nothing_is_guessed(
    pattern: str, text: str, mended: str | None
) -> None:
    assert suggestion(pattern, text) == mended


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("fiting-service", "fitting-service"),
        ("Fitting_Service", "fitting-service"),
        ("zpeak", "z-peak"),
        ("madgraph", None),
        ("", None),
        ("z-peak" * 1000, None),
    ],
)
def test_the_nearest_name(name: str, near: str | None) -> None:
    assert closest(name, ["fitting-service", "z-peak"]) == near
