"""The first records of a text ↦ its delimiter and its quotation mark: the pair under which the records are regular."""

import csv
import io
import re
from collections.abc import Iterator

DELIMITERS = (",", ";", "\t", "|")
SNIFFED = 200_000  # characters looked at: hundreds of records of any ordinary table


def sniff(text: str, delimiter: str | None = None, quote: str | None = None) -> tuple[str, str]:
    """argmax over (delimiter, quote) of the number of fields of the header, where every record has that number.

    Where no delimiter is regular, the one with most header fields, so that the error names the irregular line.

    >>> sniff("a;b\\n1,5;2,5"), sniff("a\\n1"), sniff('a,b\\n"x;y;z",2'), sniff("a,b\\n'x,y',2")
    ((';', '"'), (',', '"'), (',', '"'), (',', "'"))
    """
    sample = head(text, SNIFFED)
    quotes = (quote,) if quote else ('"', "'") if single(sample) else ('"',)
    pairs = [(d, q) for q in quotes for d in ((delimiter,) if delimiter else DELIMITERS) if d != q]

    def merit(pair: tuple[str, str]) -> tuple[bool, int, int]:
        widths: list[int] = []
        try:
            widths.extend(len(record) for _, record in records(sample, *pair) if record)
        except csv.Error:
            return False, widths[0] if widths else 0, False
        regular = len(set(widths[:-1] or widths)) == 1 and widths[0] > 1  # the last may be cut
        return regular, widths[0] if widths else 0, pair[1] == quotes[-1]

    return max(pairs, key=merit)


def head(text: str, limit: int) -> str:
    """The whole lines among the first `limit` characters."""
    return text if len(text) <= limit else text[: text.rfind("\n", 0, limit) + 1]


def single(sample: str) -> bool:
    """Whether ' may be a quotation mark: " is none, and every field that starts with ' ends with it.

    >>> single("a,b\\n'x,y',1"), single("a,b\\n'x,1")
    (True, False)
    """
    starts = len(re.findall(r"(?:^|[,;\t|])'", sample, re.MULTILINE))
    ends = len(re.findall(r"'(?:$|[,;\t|])", sample, re.MULTILINE))
    return '"' not in sample and starts > 0 and starts == ends


def records(text: str, delimiter: str, quote: str = '"') -> Iterator[tuple[int, list[str]]]:
    """(line number, fields) of each record; a blank line gives no fields (RFC 4180).

    Raises csv.Error where a quotation mark is not closed, or a text goes on behind the closing one.
    """
    reader = csv.reader(io.StringIO(text), delimiter=delimiter, quotechar=quote, strict=True)
    for record in reader:
        yield reader.line_num, record if len(record) > 1 or "".join(record).strip() else []
