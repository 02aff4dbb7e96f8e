"""Make the tables of this folder from their sources: INFIMUM_DATA=FOLDER python examples/make_examples.py

The folder INFIMUM_DATA holds bike_sharing/bike_sharing.csv.gz, penguins/penguins.csv.gz and banknote/banknote.csv.gz.
"""

import csv
import gzip
import os
import random
import sys
from pathlib import Path

HERE = Path(__file__).parent
HOURS = 4000
SEED = 0
SEASON = {"1": "winter", "2": "spring", "3": "summer", "4": "autumn"}
WEATHER = {"1": "clear", "2": "mist", "3": "rain", "4": "storm"}
YEAR = {"0": "2011", "1": "2012"}
# Readable name: name at the source, in the order of the columns. Left out: the row number; the date, which year, month,
# hour and weekday say; casual and registered, which add up to the target.
BIKES = {
    "season": "season",
    "year": "yr",
    "month": "mnth",
    "hour": "hr",
    "holiday": "holiday",
    "weekday": "weekday",
    "workingday": "workingday",
    "weather": "weathersit",
    "temperature": "temp",
    "feels_like": "atemp",
    "humidity": "hum",
    "windspeed": "windspeed",
    "rentals": "cnt",
}
WORDS = {"season": SEASON, "year": YEAR, "weather": WEATHER}


def bikes(source: Path) -> None:
    """bikes.csv = HOURS hours drawn without replacement, in the order of time."""
    with gzip.open(source, "rt", newline="") as lines:
        rows = list(csv.DictReader(lines))
    kept = sorted(random.Random(SEED).sample(range(len(rows)), HOURS))
    with (HERE / "bikes.csv").open("w", newline="") as out:
        table = csv.writer(out, lineterminator="\n")
        table.writerow(BIKES)
        for row in kept:
            table.writerow(WORDS.get(name, {}).get(rows[row][key], rows[row][key]) for name, key in BIKES.items())


def as_is(source: Path) -> None:
    """The table, unpacked."""
    (HERE / source.with_suffix("").name).write_bytes(gzip.decompress(source.read_bytes()))


def main() -> int:
    """Write bikes.csv, penguins.csv and banknote.csv beside this script."""
    if "INFIMUM_DATA" not in os.environ:
        print("INFIMUM_DATA is not set: name the folder of bike_sharing/, penguins/ and banknote/", file=sys.stderr)
        return 2
    data = Path(os.environ["INFIMUM_DATA"])
    bikes(data / "bike_sharing" / "bike_sharing.csv.gz")
    as_is(data / "penguins" / "penguins.csv.gz")
    as_is(data / "banknote" / "banknote.csv.gz")
    return 0


if __name__ == "__main__":
    sys.exit(main())
