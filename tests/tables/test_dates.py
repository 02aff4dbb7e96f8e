"""Texts as times: every usual order and tail, none where a cell is no day; and formats that are stated."""

import datetime

import polars
import pytest
from hypothesis import given
from hypothesis import strategies as some

from infimum.tables.reading import dates


def found(texts, decimal="."):
    form = dates.format_of(polars.Series(texts), decimal)
    return form, [str(each) for each in dates.parse(polars.Series(texts), form)] if form else None


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("2011-01-31", "%Y-%m-%d"),
        ("2011/1/31", "%Y/%m/%d"),
        ("2011.01.31", "%Y.%m.%d"),
        ("31/1/2011", "%d/%m/%Y"),
        ("1/31/2011", "%m/%d/%Y"),
        ("31-01-2011", "%d-%m-%Y"),
        ("01-31-2011", "%m-%d-%Y"),
        ("31.1.2011", "%d.%m.%Y"),
        ("31/01/11", "%d/%m/%y"),
        ("1/31/11", "%m/%d/%y"),
        ("31.01.11", "%d.%m.%y"),
        ("31 Jan 2011", "%d %b %Y"),
        ("31 january 2011", "%d %b %Y"),
        ("31-Jan-2011", "%d-%b-%Y"),
        ("31-Jan-11", "%d-%b-%y"),
        ("Jan 31, 2011", "%b %d, %Y"),
        ("January 31, 2011", "%b %d, %Y"),
    ],
)
@pytest.mark.parametrize("decimal", [".", ","])
def test_days(text, form, decimal):
    assert found([text], decimal) == (form, ["2011-01-31 00:00:00"])


@pytest.mark.parametrize(
    ("tail", "time"),
    [
        (" 07:30", "2011-01-31 07:30:00"),
        ("T07:30:15", "2011-01-31 07:30:15"),
        (" 07:30:15.25", "2011-01-31 07:30:15.250000"),
        ("T07:30:15.123456789", "2011-01-31 07:30:15.123456"),
        ("T07:30Z", "2011-01-31 07:30:00"),
        (" 07:30:00+0200", "2011-01-31 05:30:00"),
        ("T23:30:00-01:00", "2011-02-01 00:30:00"),
        (" 12:05 AM", "2011-01-31 00:05:00"),
        (" 7:30 pm", "2011-01-31 19:30:00"),
    ],
)
def test_times_of_day(tail, time):
    assert found(["2011-01-31" + tail, "2011-01-31"]) == ("%Y-%m-%d %H:%M:%S", [time, "2011-01-31 00:00:00"])


NO_DAYS = ["2011-02-30", "07:30", "2011", "20110101", "2011-01", "1.2", "31/31/2011", "x 2011-01-01", "1-2-3"]


@pytest.mark.parametrize("text", [*NO_DAYS, "2011-01-31 25:00"])
def test_what_is_no_day(text):
    assert found([text]) == ("", None) and found(["2011-01-01", text]) == ("", None)


def test_where_day_and_month_may_be_either_the_decimal_mark_decides():
    assert found(["1/2/2011"]) == ("%m/%d/%Y", ["2011-01-02 00:00:00"])
    assert found(["1/2/2011"], ",") == ("%d/%m/%Y", ["2011-02-01 00:00:00"])
    assert found(["1/2/2011", "13/2/2011"])[0] == "%d/%m/%Y"
    assert found(["1.2.2011"])[0] == "%d.%m.%Y"


def test_a_stated_format():
    texts = polars.Series(["20110131", "at 2011"])
    assert [str(each) for each in dates.parse(texts, "%Y%m%d")] == ["2011-01-31 00:00:00", "None"]
    assert str(dates.parse(polars.Series(["31.1.2011 7 Uhr"]), "%d.%m.%Y %H Uhr")[0]) == "2011-01-31 07:00:00"
    for form in ("%H:%M", "%Q", "", "%Y-%m-%d %Y", "day"):
        with pytest.raises(ValueError, match="format|twice"):
            dates.parse(texts, form)


@given(some.lists(some.datetimes(datetime.datetime(1000, 1, 1)), min_size=1), some.sampled_from(" T"))
def test_iso_times_keep_every_microsecond(times, mark):
    texts = polars.Series([time.isoformat(mark) for time in times])
    assert dates.parse(texts, dates.format_of(texts, ".")).to_list() == times
