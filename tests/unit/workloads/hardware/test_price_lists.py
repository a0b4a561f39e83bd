"""Price lists in the clouds' published forms: the prices that are taken, and the warnings."""

import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from modelyard.workloads.hardware.price_lists import read_price_lists
from modelyard.workloads.hardware.prices import InvalidPricesError, read_prices

from tests.unit.workloads.hardware.listings import DAY, azure, page, prices, spot, write


def test_azure_prices_are_linux_hours_and_spot(tmp_path: Path):
    items = [
        azure(skuName="NC24ads A100 v4 Low Priority", meterName="NC24ads A100 v4 Low Priority", retailPrice=0.9),
        azure(productName="Virtual Machines NCadsA100v4 Series Windows", retailPrice=5.9),
        azure(type="DevTestConsumption", retailPrice=1.0),
        azure(type="Reservation", reservationTerm="1 Year", retailPrice=25_000.0),
        azure(isPrimaryMeterRegion=False, retailPrice=99.0),
        azure(effectiveStartDate="2020-01-01T00:00:00Z", retailPrice=9.0),
        azure(effectiveStartDate="2027-01-01T00:00:00Z", retailPrice=8.0),
        azure(unitOfMeasure="1/Month", retailPrice=7.0),
        azure(armSkuName="Standard_D4s_v3", retailPrice=0.2),
        azure(armSkuName="standard_nc48ads_a100_v4", retailPrice=9.55),
        azure(skuName="NC24ads A100 v4 Spot", meterName="NC24ads A100 v4 Spot", retailPrice=0.955),
        azure(),
    ]
    result = read_price_lists([write(tmp_path, "azure.json", page(*items))])
    assert prices(result) == {
        ("Standard_NC24ads_A100_v4", "westeurope"): (4.775, 0.955),
        ("Standard_NC48ads_A100_v4", "westeurope"): (9.55, None),
    }
    assert (result.date, result.currency, result.source) == (DAY, "USD", "azure.json")
    assert result.warnings[0].startswith("no price of 18 types: Standard_NC4as_T4_v3, ")


def test_pages_come_as_files_as_lists_or_as_items(tmp_path: Path):
    first, second = azure(), azure(armRegionName="eastus", retailPrice=3.7)
    files = [write(tmp_path, "1.json", page(first)), write(tmp_path, "2.json", page(second))]
    expected = prices(read_price_lists(files))
    assert list(expected) == [
        ("Standard_NC24ads_A100_v4", "eastus"),
        ("Standard_NC24ads_A100_v4", "westeurope"),
    ], "the reference region first"
    assert prices(read_price_lists([write(tmp_path, "pages.json", [page(first), page(second)])])) == expected
    assert prices(read_price_lists([write(tmp_path, "items.json", [first, second])])) == expected


KARPENTER = """\
package pricing

import "time"

// generated at 2026-06-18T03:43:41Z

var initialOnDemandPrices = map[string]map[string]float64{}

func init() {
	// westeurope
	initialOnDemandPrices["westeurope"] = map[string]float64{
		"Standard_D4s_v3":          0.230000,
		"Standard_NC24ads_A100_v4": 4.775000,
		"Standard_NV6ads_A10_v5":   0.000000,
	}
	// eastus
	initialOnDemandPrices["eastus"] = map[string]float64{
		"Standard_NC24ads_A100_v4": 3.673000,
	}
}
"""


def test_karpenters_prices_have_their_generation_day(tmp_path: Path):
    result = read_price_lists([write(tmp_path, "zz_generated.pricing.go", KARPENTER)], source="karpenter")
    assert prices(result) == {
        ("Standard_NC24ads_A100_v4", "eastus"): (3.673, None),
        ("Standard_NC24ads_A100_v4", "westeurope"): (4.775, None),
    }
    assert result.date == datetime.date(2026, 6, 18)
    assert result.to_csv() == (
        "Standard_NC24ads_A100_v4,eastus,3.673,,2026-06-18,karpenter\n"
        "Standard_NC24ads_A100_v4,westeurope,4.775,,2026-06-18,karpenter\n"
    )


def test_several_files_make_one_readable_price_file(tmp_path: Path):
    prices_file = write(tmp_path, "1.json", page(azure()))
    spots = write(tmp_path, "2.json", {"SpotPriceHistory": [spot("eu-west-1a", "0.5")]})
    result = read_price_lists([prices_file, spots], source="ours")
    assert result.date == datetime.date(2026, 8, 30), "the older of the two"
    file = tmp_path / "prices.yaml"
    file.write_text(result.to_yaml())
    price_list = read_prices(file, today=DAY)
    assert price_list.warnings == ()
    assert price_list.price("Standard_NC24ads_A100_v4", region="westeurope") == 4.775
    assert price_list.price("g5.xlarge", region="eu-west-1", spot=True) == 0.5
    entry = price_list.entry("g5.xlarge", region="eu-west-1", spot=True)
    assert entry is not None
    assert (entry.source, entry.at) == ("ours", datetime.date(2026, 8, 30))


def test_a_region_that_does_not_sell_a_size_is_left_out(tmp_path: Path):
    result = read_price_lists([write(tmp_path, "azure.json", page(azure(), azure(armRegionName="usgovvirginia")))])
    assert list(prices(result)) == [("Standard_NC24ads_A100_v4", "westeurope")]
    assert result.warnings[-1].startswith("left out 1 prices of regions that do not sell the type")
    assert result.warnings[-1].endswith("e.g. Standard_NC24ads_A100_v4 in usgovvirginia")


def test_another_currency_is_kept_with_a_warning(tmp_path: Path):
    result = read_price_lists([write(tmp_path, "azure.json", page(azure(currencyCode="EUR")))])
    assert result.to_yaml().startswith("currency: EUR\ndate: 2026-09-01\n")
    assert "add `usd_per_unit`" in result.warnings[-1]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "unknown form of a price list; known are answers of Azure's retail price API"),
        ("hello\n", "unknown form of a price list"),
        ("FormatVersion,v1.0\nPublication Date,yesterday\n", "not a valid price list"),
        ("FormatVersion,v1.0\nPublication Date,2026-08-20\nVersion,1\na,b\nc,d\nSKU\n", "no price of an instance"),
        ("{}", "unknown form of a price list"),
        ("[]", "unknown form of a price list"),
        ("{", "line 1, column 2: not JSON"),
        ("[" * 100_000, "nested too deeply"),
        (page(), "azure.json: no price of an instance type of the catalogue"),
        (page(azure(armSkuName="Standard_D4s_v3")), "no price of an instance type of the catalogue"),
        (page(azure(), azure(currencyCode="EUR", armRegionName="eastus")), "prices in USD and EUR; import one"),
        ({"PriceList": ["{"]}, "not a valid price list"),
        ({"PriceList": 7}, "not a valid price list"),
        ({"products": {"SKU": {}}}, "not a valid price list"),
        ({"SpotPriceHistory": [{}]}, "not a valid price list"),
        ({"Items": [7]}, "not a valid price list"),
    ],
)
def test_a_file_that_is_no_price_list_is_refused_by_name(tmp_path: Path, content: object, message: str):
    with pytest.raises(InvalidPricesError, match=r"azure\.json: ") as caught:
        read_price_lists([write(tmp_path, "azure.json", content)])
    assert message in str(caught.value)


@given(
    st.recursive(
        st.none() | st.integers() | st.text(max_size=9),
        lambda of: (
            st.lists(of)
            | st.dictionaries(
                st.sampled_from(["Items", "PriceList", "SpotPriceHistory", "products", "terms", "armSkuName", "x"]), of
            )
        ),
    )
)
def test_any_json_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, document: object):
    file = write(tmp_path_factory.mktemp("lists"), "list.json", document)
    with pytest.raises(InvalidPricesError, match=r"list\.json"):
        read_price_lists([file])
