import pytest

from tools.plugins.kubernetes.chart import checksum, local_chart
from tools.plugins.kubernetes.errors import ClusterError


@pytest.fixture
def chart(tmp_path):
    folder = tmp_path / "chart"
    (folder / "templates").mkdir(parents=True)
    (folder / "Chart.yaml").write_text("name: demo\n")
    (folder / "templates" / "a.yaml").write_text("a: 1\n")
    return folder


def test_checksum_follows_names_and_contents_only(chart, tmp_path):
    first = checksum(chart)

    (chart / "templates" / "a.yaml").touch()
    assert checksum(chart) == first
    chart.rename(tmp_path / "moved")
    assert checksum(tmp_path / "moved") == first
    (tmp_path / "moved" / "templates" / "a.yaml").rename(tmp_path / "moved" / "templates" / "b.yaml")
    renamed = checksum(tmp_path / "moved")
    assert renamed != first
    (tmp_path / "moved" / "templates" / "b.yaml").write_text("a: 2\n")
    assert checksum(tmp_path / "moved") not in (first, renamed)


def test_folder_that_is_no_chart_is_refused(tmp_path):
    with pytest.raises(ClusterError, match=r"no Chart\.yaml"):
        checksum(tmp_path)


def test_location_of_a_chart(chart, tmp_path):
    assert local_chart({"chart": str(chart)}) == chart
    assert local_chart({"chart": "kueue", "repositoryOpts": {"repo": "https://charts.example.org"}}) is None
    assert local_chart({"chart": "oci://registry.example.org/charts/kueue"}) is None
    assert local_chart({"chart": "repository/kueue"}) is None
    with pytest.raises(ClusterError, match="absent' does not exist"):
        local_chart({"chart": str(tmp_path / "absent")})
