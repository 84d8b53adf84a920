import pytest

from sslab.site import model
from sslab.site.spelling import closest, suggestion


@pytest.mark.parametrize(
    ("pattern", "text", "mended"),
    [
        (model.DNS_NAME, "nyu_ssl.edu", "nyu-ssl.edu"),
        (model.DNS_NAME, "NYU.edu.", "nyu.edu"),
        (model.DNS_NAME, "https://ssl.nyu.edu/", "ssl.nyu.edu"),
        (model.DNS_NAME, "*.nyu.edu", "nyu.edu"),
        (model.DNS_NAME, "!", None),
        (model.DNS_LABEL, "My Site", "my-site"),
        (model.DNS_LABEL, "-a-", "a"),
        (model.DNS_LABEL, "a" * 64, None),
        (model.DNS_LABEL, "a" * 100_000, None),
        (model.BUCKET_NAME, "Z_Peak", "z-peak"),
        (model.BUCKET_NAME, "ab", None),
        (model.QUANTITY, "6 GB", "6G"),
        (model.QUANTITY, "6GiB", "6Gi"),
        (model.QUANTITY, "6gi", "6Gi"),
        (model.QUANTITY, "1.5 gib", "1.5Gi"),
        (model.QUANTITY, "10K", "10k"),
        (model.QUANTITY, "500 mb", "500M"),
        (model.QUANTITY, "500 m", "500m"),
        (model.QUANTITY, "6 apples", None),
        (model.QUANTITY, "-6Gi", None),
        (model.QUANTITY, "1,500", None),
        (model.ADDRESS, " a@b.edu ", "a@b.edu"),
        (model.ONE_LINE, " a site", "a site"),
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
